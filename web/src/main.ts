import { mount } from "svelte";
import App from "./App.svelte";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/panel.css";
import "./styles/print.css";
import { whenSignedOut } from "./api/client";
import { locale } from "./i18n/locale.svelte";
import { readAddress } from "./state/address";
import { BrowserStore } from "./state/draft-store";
import { Draft } from "./state/draft.svelte";
import { planner } from "./state/planner.svelte";
import { Session } from "./state/session.svelte";
import { browserTabs, tabMemory } from "./state/tabs";

/** Letters that come after this show in a face of the system first. */
const LONGEST_WAIT_MS = 1500;

const target = document.getElementById("app");
if (!target) throw new Error("index.html has lost its #app element.");
const { hash } = location;
const asked = readAddress(hash);
const draft = new Draft(new BrowserStore(), browserTabs());
const session = new Session({
  kept: () => draft.flushed(),
  loadAgain: () => location.reload(),
  memory: tabMemory(),
  now: Date.now,
});
whenSignedOut(() => void session.ended());
locale.start(asked.lang);
// What takes longest is asked for before anything is drawn.
planner.begin(asked.weights, asked.scenario, draft);
void facesLoaded().then(() => mount(App, { target, props: { hash, draft, session } }));

/** Words set in another face first would move everything beside them when theirs arrives. */
async function facesLoaded(): Promise<void> {
  const faces = ["Noto Sans", "Noto Sans Khmer"].flatMap((name) => [`1em "${name}"`, `600 1em "${name}"`]);
  const loaded = Promise.all(faces.map((face) => document.fonts.load(face)));
  await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))]).catch(() => {
    // A page without its faces is still a page.
  });
}
