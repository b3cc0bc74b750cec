/** The sentences of the server, by code. Their values and codes are those of its API: what it can say, a language must say. */
import type { components } from "../api/generated";
import type { Text } from "../api/types";

export type Said = components["schemas"]["Said"];
export type ErrorCode = components["schemas"]["ErrorContent"]["code"];

/** How values are said in the language. */
export interface Speaker {
  number(value: number): string;
  percent(share: number): string;
  list(names: readonly string[]): string;
  /** The deployment's own words. */
  say(text: Text): string;
  /** What a layer is for; a layer that is called by what it is for, likewise. Other names stay as they are. */
  role: (name: string) => string;
  /** A value that was found where another should be. */
  found(json: string): string;
}

export type Sentences = {
  [Code in Said["code"]]: (values: Extract<Said, { code: Code }>["values"], s: Speaker) => string;
};

/** Also what the page itself says when an answer is none that it knows, or when it has failed itself. */
export type Refusals = Record<ErrorCode | "unexpected_answer" | "page_error", string>;
