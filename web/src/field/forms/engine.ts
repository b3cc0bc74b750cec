/** The one place that talks to the forms engine. It is loaded when the first form is opened. */
import { loadEngine } from "./load-engine";
import type {
  AnyChildNode,
  AnyControlNode,
  FormLanguage,
  InstanceData,
  LoadFormResult,
  OpaqueReactiveObjectFactory,
  RootNode,
} from "@getodk/xforms-engine";

export type Node = AnyControlNode;
export type Choice = { value: string; label: string; image: string | null; audio: string | null };

/** What is on the screen at a time: one question, several that belong together, or the end of a repeat. */
export type Step =
  | { kind: "questions"; key: string; title: string | null; nodes: Node[] }
  | { kind: "repeat"; key: string; title: string; count: number; repeat: RepeatNode };

type RepeatNode = Extract<AnyChildNode, { nodeType: "repeat-range:uncontrolled" }>;

/** A question as it is shown. */
export interface View {
  key: string;
  type: Node["nodeType"];
  /** The type of the answer: `string`, `int`, `date`, … */
  value: string;
  label: string;
  hint: string;
  image: string | null;
  audio: string | null;
  required: boolean;
  readonly: boolean;
  /** The answer as text; of choices, all that are chosen. */
  answer: string;
  chosen: readonly string[];
  choices: Choice[];
  many: boolean;
  media: "image" | "audio" | "file";
  rows: number;
  /** What keeps the answer from being taken. */
  problem: { kind: "required" | "constraint"; message: string } | null;
}

export interface Opening {
  xml: string;
  /** An instance to go on with. */
  instance: string | null;
  /** Photos and sound of the instance, by name. */
  files: Readonly<Record<string, File>>;
  /** A file that the form brings along, by its name. */
  media: (name: string) => Promise<Blob | null>;
  changed: () => void;
}

/** A form that cannot be opened; the reason is for the log of whoever made the form. */
export class FormBroken extends Error {}

export async function openForm(opening: Opening): Promise<Form> {
  const { loadForm } = await loadEngine();
  const loaded = (await loadForm(opening.xml, {
    missingResourceBehavior: "BLANK",
    fetchFormAttachment: async (url) => {
      const blob = await opening.media(fileOf(String(url)) ?? "");
      return blob ? new Response(blob) : new Response(null, { status: 404 });
    },
  })) as LoadFormResult;
  if (loaded.status === "failure") throw new FormBroken(loaded.error.message);
  const config = { stateFactory: watched(opening.changed), preloadProperties: { deviceID: "phteah" } };
  const made =
    opening.instance === null
      ? loaded.createInstance(config)
      : await loaded.restoreInstance({ data: [instanceData(opening.instance, opening.files)] }, config);
  return new Form(made.root);
}

/** Objects that tell when the engine changes them. */
function watched(changed: () => void): OpaqueReactiveObjectFactory {
  return ((object: object) =>
    new Proxy(object, {
      set(target, name, value) {
        const done = Reflect.set(target, name, value);
        changed();
        return done;
      },
    })) as OpaqueReactiveObjectFactory;
}

function instanceData(xml: string, files: Readonly<Record<string, File>>): InstanceData {
  const data = new FormData();
  data.set("xml_submission_file", new File([xml], "xml_submission_file", { type: "text/xml" }));
  for (const [name, file] of Object.entries(files)) data.set(name, file);
  return data as unknown as InstanceData;
}

/** `jr://audio/consent_km.mp3` as `consent_km.mp3`. */
function fileOf(url: string): string | null {
  const name = decodeURIComponent(url.split("/").at(-1) ?? "");
  return name === "" ? null : name;
}

export class Form {
  constructor(readonly root: RootNode) {}

  get xml(): string {
    return this.root.instanceState.instanceXML;
  }

  /** Shows the form in the language of the app where it has it. */
  speak(lang: "km" | "en"): void {
    const other = lang === "km" ? /khmer|ខ្មែរ|\(km\)|^km$/i : /english|\(en\)|^en$/i;
    const wanted = (this.root.languages as readonly { language: string; locale?: Intl.Locale }[]).find(
      ({ language, locale }) => locale?.language === lang || other.test(language),
    );
    if (wanted && wanted.language !== "") this.root.setLanguage(wanted as FormLanguage);
  }

  steps(): Step[] {
    return stepsIn(this.root.currentState.children);
  }

  view(node: Node): View {
    return viewOf(node);
  }

  /** Sets an answer: a text, chosen values, or a file. */
  answer(node: Node, value: string | readonly string[] | File | null): void {
    switch (node.nodeType) {
      case "select":
        if (Array.isArray(value)) node.selectValues(value as string[]);
        else node.selectValue(typeof value === "string" ? value : null);
        break;
      case "upload":
        node.setValue(value instanceof File ? value : null);
        break;
      case "trigger":
        node.setValue(value === "OK");
        break;
      case "rank":
        node.setValues(Array.isArray(value) ? (value as string[]) : []);
        break;
      case "input":
      case "range":
        setText(node, typeof value === "string" ? value : "");
        break;
      case "note":
        break;
    }
  }

  addTo(repeat: RepeatNode): void {
    repeat.addInstances();
  }

  removeFrom(repeat: RepeatNode, at: number): void {
    repeat.removeInstances(at);
  }

  /** The keys of questions whose answers are missing or not possible. */
  wrong(): string[] {
    return this.root.validationState.violations.map(({ nodeId }) => String(nodeId));
  }

  /** Finds a question by its path, such as `household` or `place/position`. */
  find(path: string): Node | null {
    const wanted = `/${path}`;
    const seek = (nodes: readonly AnyChildNode[]): Node | null => {
      for (const node of nodes) {
        const reference = node.currentState.reference.replace(/^\/[^/]+/, "");
        if (reference === wanted) return node as Node;
        const below = (node.currentState.children ?? []) as readonly AnyChildNode[];
        const found = wanted.startsWith(reference) ? seek(below) : null;
        if (found) return found;
      }
      return null;
    };
    return seek(this.root.currentState.children as readonly AnyChildNode[]);
  }

  /** Sets a question that nobody is asked, such as the household's id. */
  preset(path: string, value: string): void {
    const node = this.find(path) as { setValue?: (value: string) => unknown } | null;
    node?.setValue?.(value);
  }
}

function setText(node: Extract<Node, { nodeType: "input" | "range" }>, text: string): void {
  const set = node.setValue.bind(node) as (value: unknown) => void;
  try {
    set(text === "" ? null : text);
  } catch {
    // The engine reads numbers and days strictly; what it does not read is no answer yet.
    set(null);
  }
}

function stepsIn(nodes: readonly unknown[]): Step[] {
  return (nodes as readonly AnyChildNode[]).flatMap((node): Step[] => {
    if (!node.currentState.relevant) return [];
    switch (node.nodeType) {
      case "group":
        return (node.appearances as { "field-list"?: boolean } | null)?.["field-list"]
          ? pageOf(node)
          : stepsIn(node.currentState.children);
      case "repeat-instance":
        return stepsIn(node.currentState.children);
      case "repeat-range:controlled":
        return stepsIn(node.currentState.children);
      case "repeat-range:uncontrolled":
        return [
          ...stepsIn(node.currentState.children),
          {
            kind: "repeat",
            key: `${String(node.nodeId)} more`,
            title: node.currentState.label?.asString ?? "",
            count: node.currentState.children.length,
            repeat: node,
          },
        ];
      case "model-value":
        return [];
      default:
        return [{ kind: "questions", key: String(node.nodeId), title: titleAbove(node), nodes: [node as Node] }];
    }
  });
}

function pageOf(group: Extract<AnyChildNode, { nodeType: "group" }>): Step[] {
  const all = stepsIn(group.currentState.children);
  const nodes = all.flatMap((step) => (step.kind === "questions" ? step.nodes : []));
  const rest = all.filter(({ kind }) => kind === "repeat");
  const title = group.currentState.label?.asString ?? null;
  return nodes.length > 0 ? [{ kind: "questions", key: String(group.nodeId), title, nodes }, ...rest] : rest;
}

/** The heading of the group or the one of several that a question stands in. */
function titleAbove(node: AnyChildNode): string | null {
  for (let above = node.parent as { nodeType: string } | null; above;) {
    const one = above as AnyChildNode;
    const label = one.currentState.label?.asString;
    if (one.nodeType === "repeat-instance") {
      const range = one.parent;
      const at = (range.currentState.children as readonly AnyChildNode[]).indexOf(one) + 1;
      return `${label ?? range.currentState.label?.asString ?? ""} ${at}`.trim();
    }
    if (label) return label;
    above = (one.parent as { nodeType: string } | null) ?? null;
  }
  return null;
}

function viewOf(node: Node): View {
  const state = node.currentState;
  const validity = node.validationState as { violation?: unknown };
  const violation = validity.violation as
    { condition: "required" | "constraint"; message: { asString: string } | null } | null | undefined;
  const choices = node.nodeType === "select" || node.nodeType === "rank" ? node.currentState.valueOptions : [];
  const chosen = Array.isArray(state.value) ? (state.value as readonly string[]) : [];
  const text = node.nodeType === "note" ? (node.currentState.noteText ?? state.label) : state.label;
  return {
    key: String(node.nodeId),
    type: node.nodeType,
    value: "valueType" in node ? node.valueType : "string",
    label: text?.asString ?? "",
    hint: state.hint && state.hint !== text ? state.hint.asString : "",
    image: sourceOf(text?.imageSource),
    audio: sourceOf(text?.audioSource),
    required: state.required,
    readonly: state.readonly,
    answer: node.nodeType === "upload" ? (node.currentState.value?.name ?? "") : node.currentState.instanceValue,
    chosen,
    choices: choices.map(({ value, label }) => ({
      value,
      label: label.asString,
      image: sourceOf(label.imageSource),
      audio: sourceOf(label.audioSource),
    })),
    many: node.nodeType === "select" && node.selectType === "select",
    media: node.nodeType === "upload" ? mediaOf(node.nodeOptions.media.type) : "file",
    rows: node.nodeType === "input" && (node.appearances as { multiline?: boolean } | null)?.multiline ? 4 : 1,
    problem: violation ? { kind: violation.condition, message: violation.message?.asString ?? "" } : null,
  };
}

const sourceOf = (url: unknown): string | null => (url ? fileOf(String(url)) : null);

const mediaOf = (type: string | null): View["media"] => (type === "image" || type === "audio" ? type : "file");
