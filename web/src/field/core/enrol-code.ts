/** The code that adds a phone to a team: in the address, as the coordinator's QR has it, or in what was scanned. */

/** The code in the page's address: behind the #, so that it is sent to nobody but by the app itself. */
export function enrolCode(): string {
  return new URLSearchParams(location.hash.slice(1)).get("enrol") ?? "";
}

export function forgetCode(): void {
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname);
}

/** The code in the address that a coordinator's QR shows, or the text itself where it looks like a code. */
export function enrolCodeIn(text: string): string | null {
  const code = /#.*\benrol=([^&\s]+)/.exec(text)?.[1];
  if (code) return decodeURIComponent(code);
  return /^[\w-]{6,64}$/.test(text.trim()) ? text.trim() : null;
}
