/** A form that is being filled. Each answer is on the disk before the next question is shown. */
import { locale } from "../words/locale.svelte";
import { sha256 } from "../core/bytes";
import { uuid4 } from "../core/ids";
import { averaged, joined, metresBetween } from "../core/position";
import { SITE_M } from "../core/summary";
import type { FieldEvent, Place } from "../fold/event";
import { FAR_M } from "../fold/place";
import type { Draft } from "../forms/draft";
import { openForm, type Form, type Node, type Step, type View } from "../forms/engine";
import type { FormItem } from "../forms/mapping";
import { bytesOf, shrunk } from "../forms/media";
import { geopoint, toEvents } from "../forms/to-event";
import { parseXml } from "../forms/xml";
import { listOf } from "../forms/lists";
import { keptForm, keptMedia } from "../sync/setup";
import { NoRoom } from "../vault/room";
import type { Session } from "./session.svelte";
import { where } from "./where.svelte";

export type Kept = "saved" | "saving" | "no_room";

function withTask(event: FieldEvent, task: string): { event: FieldEvent; text: string } {
  const answered = event.kind === "task_answered" ? { ...event, task } : event;
  return { event: answered, text: JSON.stringify(answered) };
}

export class Filling {
  steps = $state.raw<Step[]>([]);
  at = $state(0);
  kept = $state<Kept>("saved");
  /** Whether the problems of the step that is seen are told. */
  tells = $state(false);
  wrong = $state.raw<string[]>([]);
  #version = $state(0);
  #scheduled = false;
  #form: Form | null = null;
  #form_xml = "";
  readonly #files: Record<string, File> = {};
  #saving: Promise<void> = Promise.resolve();
  #writes = 0;
  /** Answers that are still to be written. */
  #queued = 0;

  private constructor(
    private readonly session: Session,
    readonly id: string,
    readonly item: FormItem,
    private draft: Draft,
  ) {}

  /** Begins a form about a household, or a new one. */
  static async begin(
    session: Session,
    item: FormItem,
    about: { household: string | null; title: string; marked: Place | null; task?: string },
  ): Promise<string> {
    const id = uuid4();
    const draft: Draft = {
      form: { id: item.id, version: item.version },
      ...about,
      begun: Date.now(),
      xml: "",
      step: 0,
      fixes: [],
      files: [],
    };
    await session.putDraft(id, draft);
    return id;
  }

  /** Goes on with a draft, at the question where it was left. */
  static async open(session: Session, id: string): Promise<Filling> {
    const draft = session.drafts.find((one) => one.id === id)?.draft;
    if (!draft) throw new Error("This draft is not on this phone.");
    const { form } = draft;
    // A draft goes on with the version that it was begun with, also where there is a newer one.
    const items = [...(session.setup?.forms.items ?? []), ...((await session.vault.thing<FormItem[]>("items")) ?? [])];
    const item = items.find((one) => one.id === form.id && one.version === form.version);
    const xml = await keptForm(session.vault, form.id, form.version);
    if (!item || xml === null) throw new Error("The form of this draft is not on this phone.");
    const filling = new Filling(session, id, item, draft);
    await filling.#open(xml);
    return filling;
  }

  async #open(xml: string): Promise<void> {
    this.#form_xml = xml;
    for (const { name, sha256: hash, type } of this.draft.files) {
      const bytes = await this.session.vault.file(hash);
      if (bytes) this.#files[name] = new File([bytes], name, { type });
    }
    this.#form = await openForm({
      xml,
      instance: this.draft.xml || null,
      files: this.#files,
      media: (name) => this.media(name),
      changed: () => this.#changed(),
    });
    this.#form.speak(locale.lang);
    if (this.draft.xml === "" && this.item.preset && this.draft.household) {
      this.#form.preset(this.item.preset, this.draft.household);
    }
    this.#look();
    this.at = Math.min(this.draft.step, Math.max(0, this.steps.length - 1));
    // The draft names the instance from its first moment: ids that the form made stay the same.
    if (this.draft.xml === "") await this.#save();
  }

  get form(): Form {
    if (!this.#form) throw new Error("The form is not open.");
    return this.#form;
  }

  get step(): Step | null {
    return this.steps[this.at] ?? null;
  }

  get isEnd(): boolean {
    return this.at >= this.steps.length;
  }

  get household(): string | null {
    return this.draft.household;
  }

  get title(): string {
    return this.draft.title;
  }

  get marked(): Place | null {
    return this.draft.marked;
  }

  /** Whether the form has a question for the place. */
  get asksPlace(): boolean {
    return this.item.location != null && this.#form?.find(this.item.location)?.nodeType === "input";
  }

  /** Where the household is, as far as the phone knows by now. */
  get place(): Place | null {
    return this.draft.marked ?? averaged(joined(this.draft.fixes, where.fixes));
  }

  /** How far the house is known to be from here, in metres, where that is too far to be the same place; null where it is not. */
  get away(): number | null {
    const { known, place } = this;
    if (!known || !place || this.item.purpose === "not_found") return null;
    const metres = metresBetween(known, place);
    return metres > known.far + (place.accuracy_m ?? 0) ? metres : null;
  }

  /** Where the house is as far as the team knows. */
  get known(): { lon: number; lat: number; far: number } | null {
    const summary = this.household === null ? null : this.session.book.summaries.get(this.household);
    if (!summary || summary.lon === null || summary.lat === null) return null;
    return { lon: summary.lon, lat: summary.lat, far: summary.atSite ? SITE_M : FAR_M };
  }

  /** What was said of whether the house is here. */
  get here(): boolean | null {
    return this.#version >= 0 ? (this.draft.here ?? null) : null;
  }

  async sayHere(isHere: boolean): Promise<void> {
    this.draft = { ...this.draft, here: isHere };
    this.#version += 1;
    await this.#save();
  }

  /** A question as it now is. */
  view(node: Node): View {
    return this.#version >= 0 ? this.form.view(node) : this.form.view(node);
  }

  speak(lang: "km" | "en"): void {
    this.#form?.speak(lang);
    this.#changed();
  }

  /** A file that the form brings along: a picture, a voice. */
  async media(name: string): Promise<Blob | null> {
    const list = await listOf(name, this.session, this.household);
    if (list !== null) return new Blob([list], { type: "text/csv" });
    const media = this.item.media?.find((one) => one.name === name);
    const bytes = media ? await keptMedia(this.session.vault, media.sha256) : null;
    const ending = name.split(".").at(-1)?.toLowerCase() ?? "";
    const types: Record<string, string> = {
      mp3: "audio/mpeg",
      m4a: "audio/mp4",
      ogg: "audio/ogg",
      wav: "audio/wav",
      png: "image/png",
      jpg: "image/jpeg",
      svg: "image/svg+xml",
      csv: "text/csv",
    };
    return bytes ? new Blob([bytes], { type: types[ending] ?? "" }) : null;
  }

  async answer(node: Node, value: string | readonly string[] | null): Promise<void> {
    this.form.answer(node, value);
    await this.#save();
  }

  /** Takes a photo or a sound: small, without what the camera wrote into it, and sealed before it counts as an answer. */
  async attach(node: Node, file: File, media: View["media"]): Promise<void> {
    const small = media === "image" ? await shrunk(file) : file;
    const bytes = await bytesOf(small);
    const hash = await sha256(bytes);
    const ending = small.name.split(".").at(-1) ?? "bin";
    const named = new File([bytes], `${hash.slice(0, 16)}.${ending}`, { type: small.type });
    await this.#guarded(() => this.session.vault.putDraftFile(this.id, hash, bytes));
    if (this.kept === "no_room") return;
    this.form.answer(node, named);
    const name = this.form.view(node).answer || named.name;
    this.#files[name] = named;
    this.draft = { ...this.draft, files: [...this.draft.files, { name, sha256: hash, type: small.type }] };
    await this.#save();
  }

  file(name: string): File | null {
    return this.#files[name] ?? null;
  }

  /** Whether the answers of the step can be left as they are; if not, it is told why. */
  next(): boolean {
    const { step } = this;
    const bad = step?.kind === "questions" && step.nodes.some((node) => this.form.view(node).problem !== null);
    this.tells = bad;
    if (bad) return false;
    this.#goTo(this.at + 1);
    return true;
  }

  back(): boolean {
    if (this.at === 0) return false;
    this.#goTo(this.at - 1);
    return true;
  }

  #goTo(at: number): void {
    this.tells = false;
    this.at = at;
    this.wrong = this.isEnd ? this.form.wrong() : [];
    void this.#save();
  }

  /** To the first question that keeps the form from being finished. */
  goToWrong(): void {
    const at = this.steps.findIndex(
      (step) => step.kind === "questions" && step.nodes.some((node) => this.form.view(node).problem !== null),
    );
    if (at >= 0) this.at = at;
    this.tells = true;
  }

  async addTo(step: Extract<Step, { kind: "repeat" }>): Promise<void> {
    const before = this.steps.findIndex(({ key }) => key === step.key);
    this.form.addTo(step.repeat);
    this.#look();
    this.at = before;
    await this.#save();
  }

  async removeFrom(step: Extract<Step, { kind: "repeat" }>, n: number): Promise<void> {
    this.form.removeFrom(step.repeat, n);
    this.#look();
    this.at = this.steps.findIndex(({ key }) => key === step.key);
    await this.#save();
  }

  /** Makes an event of the form. False where the family does not agree: then all of it is deleted. */
  async finish(): Promise<{ household: string } | null> {
    await this.#saving;
    const detail = this.household === null ? null : await this.session.book.open(this.household);
    const made = toEvents({
      item: this.item,
      form: parseXml(this.#form_xml),
      instance: parseXml(this.form.xml),
      household: this.household,
      after: detail?.state.heads ?? [],
      files: Object.fromEntries(this.draft.files.map(({ name, sha256: hash }) => [name, hash])),
      place: this.place,
      confirmed: this.draft.here === true,
      begun: this.draft.begun,
      now: Date.now(),
      ahead: this.session.ahead,
    });
    const [first] = made;
    if (!first) {
      await this.session.dropDraft(this.id);
      return null;
    }
    const { task } = this.draft;
    const all = task === undefined ? made : made.map(({ event }) => withTask(event, task));
    await this.session.keep(all, this.id);
    return { household: first.event.household };
  }

  /** Fills a position question, by default the one that says where it was recorded, with what is known now. */
  async fillPlace(asked: Node | null = this.item.location ? this.form.find(this.item.location) : null): Promise<void> {
    const { place } = this;
    if (!asked || !place) return;
    this.form.answer(asked, geopoint(place));
    await this.#save();
  }

  discard(): Promise<void> {
    return this.session.dropDraft(this.id);
  }

  /** The engine tells of each change apart; the screen follows them together. */
  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#look();
    });
  }

  #look(): void {
    if (!this.#form) return;
    this.steps = this.#form.steps();
    this.#version += 1;
  }

  #save(): Promise<void> {
    this.draft = { ...this.draft, xml: this.form.xml, step: this.at, fixes: joined(this.draft.fixes, where.fixes) };
    const { draft } = this;
    // Said at once: an answer counts as kept when it is on the disk, and not before.
    this.kept = "saving";
    this.#queued += 1;
    this.#saving = this.#saving.then(() => {
      this.#queued -= 1;
      return this.#guarded(() => this.session.putDraft(this.id, draft));
    });
    return this.#saving;
  }

  async #guarded(write: () => Promise<void>): Promise<void> {
    this.kept = "saving";
    this.#writes += 1;
    let isFull = false;
    try {
      await write();
    } catch (cause) {
      if (!(cause instanceof NoRoom)) throw cause;
      isFull = true;
    } finally {
      this.#writes -= 1;
    }
    // An answer that was given meanwhile is still to be written.
    if (isFull) this.kept = "no_room";
    else if (this.#writes + this.#queued === 0) this.kept = "saved";
  }
}
