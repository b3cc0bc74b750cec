/** New versions of the app, and installing it. A new version waits until the worker is between two tasks. */

/** What Chrome asks with whether the app should be installed. */
interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

const CHECK_MS = 3_600_000;

export class Updates {
  /** A new version is here and waits. */
  waits = $state(false);
  /** The browser offers to install the app. */
  offer = $state.raw<InstallPrompt | null>(null);
  installed = $state(matchMedia("(display-mode: standalone)").matches);
  /** Whether the app's own files are all on the phone. */
  offline = $state(false);
  #waiting: ServiceWorker | null = null;
  #asked = false;

  async start(): Promise<void> {
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.offer = event as InstallPrompt;
    });
    addEventListener("appinstalled", () => {
      this.installed = true;
      this.offer = null;
    });
    if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      // Only where this page has asked for it: it is at rest.
      if (this.#asked) location.reload();
    });
    try {
      const found = await navigator.serviceWorker.register("/field/sw.js", { scope: "/field", updateViaCache: "none" });
      this.#follow(found);
      await navigator.serviceWorker.ready;
      this.offline = true;
      setInterval(() => void found.update().catch(() => undefined), CHECK_MS);
    } catch {
      // Without its worker the app works while there is a network; the screen for storage says so.
      this.offline = false;
    }
  }

  #follow(found: ServiceWorkerRegistration): void {
    const look = () => {
      this.#waiting = found.waiting;
      this.waits = found.waiting !== null && navigator.serviceWorker.controller !== null;
    };
    look();
    found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", look));
  }

  /** To be called only between two tasks: the page begins anew. */
  putInPlace(): void {
    this.#asked = true;
    this.#waiting?.postMessage("put in place");
  }

  async install(): Promise<void> {
    await this.offer?.prompt();
    this.offer = null;
  }
}
