/** How much room the phone has for the app. */
export interface Space {
  used: number;
  all: number;
  free: number;
}

/** Less than this, and a form with photos may not be kept. */
export const ENOUGH = 20e6;

export async function spaceOf(): Promise<Space | null> {
  const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  if (usage === undefined || quota === undefined) return null;
  return { used: usage, all: quota, free: Math.max(0, quota - usage) };
}
