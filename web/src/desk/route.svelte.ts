/** Where somebody is at the desk: after `#`, which no server is sent. Of people there stands an id at most. */

export const parts = ["today", "households", "place", "outcomes", "quarantine", "tasks", "sheets", "releases"] as const;
export type Part = (typeof parts)[number];
export type Route = { part: Part } | { part: "household"; id: string } | { part: "release"; n: number };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function readRoute(hash: string): Route {
  const [first = "", id = ""] = hash.replace(/^#\/?/, "").split("/");
  if (first === "household" && UUID.test(id)) return { part: "household", id };
  if (first === "release" && /^[1-9]\d{0,8}$/.test(id)) return { part: "release", n: Number(id) };
  return { part: parts.find((part) => part === first) ?? "today" };
}

export function hashOf(route: Route): string {
  if (route.part === "household") return `#/household/${route.id}`;
  return route.part === "release" ? `#/release/${route.n}` : `#/${route.part}`;
}

class Router {
  now = $state.raw<Route>({ part: "today" });

  start(): () => void {
    const follow = () => (this.now = readRoute(location.hash));
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }

  go(route: Route): void {
    location.hash = hashOf(route);
  }
}

export const router = new Router();
