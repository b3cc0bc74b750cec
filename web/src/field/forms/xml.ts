/** Reading XForms and their instances. The browser's own parser does the work; tests bring another. */

/** What of a DOM is needed here. */
export interface XmlElement {
  localName: string | null;
  textContent: string | null;
  childNodes: ArrayLike<unknown>;
  getAttribute(name: string): string | null;
}

export type ParseXml = (text: string) => XmlElement;

export const parseXml: ParseXml = (text) => {
  const document = new DOMParser().parseFromString(text, "text/xml");
  if (document.querySelector("parsererror")) throw new SyntaxError("This is no XML.");
  return document.documentElement;
};

export function children(element: XmlElement): XmlElement[] {
  return Array.from(element.childNodes).filter(
    (node): node is XmlElement => (node as { nodeType?: number }).nodeType === 1,
  );
}

export function* descendants(element: XmlElement): Generator<XmlElement> {
  for (const child of children(element)) {
    yield child;
    yield* descendants(child);
  }
}

/** What a form says of its questions: types by the bind, and what they are answered with. */
export interface Asked {
  type: string;
  control: string | null;
  /** Filled by the phone itself: when the form was begun and finished, … */
  isPreloaded?: true;
}

/** The questions of a form by their paths below the instance's root, repeats marked with `[]`. */
export function questionsOf(form: XmlElement): Map<string, Asked> {
  const all = [...descendants(form)];
  const repeats = new Set(
    all.filter(({ localName }) => localName === "repeat").map((repeat) => repeat.getAttribute("nodeset") ?? ""),
  );
  const controls = new Map<string, string>();
  const names = ["input", "select1", "select", "upload", "trigger", "range", "rank"];
  for (const element of all) {
    const ref = element.getAttribute("ref");
    if (ref !== null && names.includes(element.localName ?? "")) controls.set(ref, element.localName ?? "");
  }
  const questions = new Map<string, Asked>();
  for (const bind of all.filter(({ localName }) => localName === "bind")) {
    const nodeset = bind.getAttribute("nodeset") ?? "";
    const type = (bind.getAttribute("type") ?? "string").replace(/^.*:/, "");
    const control = controls.get(nodeset) ?? null;
    const preload = bind.getAttribute("jr:preload");
    questions.set(marked(nodeset, repeats), { type, control, ...(preload ? { isPreloaded: true } : {}) });
  }
  for (const [ref, control] of controls) {
    const path = marked(ref, repeats);
    if (!questions.has(path)) questions.set(path, { type: "string", control });
  }
  return questions;
}

/** `/data/members/birth_year` as `members[]/birth_year`. */
function marked(nodeset: string, repeats: Set<string>): string {
  const [, root = "", ...names] = nodeset.split("/");
  let path = `/${root}`;
  return names
    .map((name) => {
      path += `/${name}`;
      return repeats.has(path) ? `${name}[]` : name;
    })
    .join("/");
}

/** An answer, with the ids that say which of several is meant. */
export interface Answer {
  /** As in {@link questionsOf}. */
  path: string;
  /** Where it stands, with the number of each repeat: `members[2]/name`. */
  place: string;
  text: string;
  /** Of each repeat that it stands in, by its path without `[]`: how many of it came before. */
  at: Record<string, number>;
}

/** All answers of an instance. `isRepeat` tells which paths may come several times. */
export function answersOf(instance: XmlElement, questions: ReadonlyMap<string, Asked>): Answer[] {
  const repeats = new Set<string>();
  for (const path of questions.keys()) {
    const names = path.split("/");
    names.forEach((name, i) => name.endsWith("[]") && repeats.add(names.slice(0, i + 1).join("/")));
  }
  const answers: Answer[] = [];
  const visit = (element: XmlElement, path: string, place: string, at: Record<string, number>) => {
    const counts = new Map<string, number>();
    for (const child of children(element)) {
      const name = child.localName ?? "";
      if (path === "" && name === "meta") continue;
      const plain = path ? `${path}/${name}` : name;
      let stands = place ? `${place}/${name}` : name;
      const several = repeats.has(`${plain}[]`);
      const here = several ? `${plain}[]` : plain;
      let ids = at;
      if (several) {
        const n = counts.get(name) ?? 0;
        counts.set(name, n + 1);
        ids = { ...at, [plain.replaceAll("[]", "")]: n };
        stands += `[${n + 1}]`;
      }
      if (children(child).length > 0) visit(child, here, stands, ids);
      else if (!several) answers.push({ path: here, place: stands, text: child.textContent ?? "", at: ids });
    }
  };
  visit(instance, "", "", {});
  return answers;
}
