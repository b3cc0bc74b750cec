/** Takes the outlines of files that a planner chose or dropped, and says what was left out. */
import { locale } from "../i18n/locale.svelte";
import { drawing } from "./drawing.svelte";
import { LARGEST_FILE, readPlots, type FileContent } from "./plot-files";

const parseXml = (text: string) => new DOMParser().parseFromString(text, "application/xml");

export async function takeFiles(files: readonly File[]): Promise<void> {
  const said: string[] = [];
  for (const file of files) {
    const { plots } = locale.t;
    const content: FileContent =
      file.size > LARGEST_FILE
        ? { outlines: [], left: new Map([["too_large", 1]]) }
        : readPlots(file.name, await file.text(), parseXml);
    const noRoom = drawing.take(content.outlines);
    const taken = content.outlines.length - noRoom;
    const number = (n: number) => locale.f.number(n);
    const sentences = [
      ...(taken > 0 ? [plots.taken(taken, number(taken))] : []),
      ...(noRoom > 0 ? [plots.noRoom(number(noRoom))] : []),
      ...[...content.left].map(([why, times]) => plots.left[why](number(times))),
    ];
    said.push(`${file.name}${locale.colon} ${sentences.join(" ")}`);
  }
  drawing.said = said;
  if (!drawing.on) drawing.start();
}
