/** A coordinator at the desk: what waits today, a family, a conflict, a placement, a sheet on paper, and a colleague who is as quick. */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { browser, comes, ownDeployment, planner, server } from "./stories.ts";
import { Planner, screens } from "./planner.ts";
import { runs } from "./server.ts";
import { comesIn } from "./staff.ts";
import { families } from "./families.ts";

ownDeployment((data) => {
  runs(["demo", "--data", data, "--households", "0", "--parcels", process.env["PHTEAH_PARCELS"] ?? "6000"]);
  runs(["team", "add", "North", "--area", "everywhere", "--data", data]);
  const file = join(tmpdir(), `phteah-families-${process.pid}.jsonl`);
  const events = families().flatMap((story) => story.events);
  writeFileSync(file, events.map((event) => JSON.stringify(event)).join("\n") + "\n");
  runs(["registry", "import", file, "--data", data]);
});

/** Opens a part of the desk in a language. */
async function opens(part: string, lang = "en"): Promise<void> {
  const { page } = planner;
  await page.goto("about:blank");
  await page.goto(`${server.url}/desk?lang=${lang}#/${part}`);
  await planner.waits();
}

async function person(name: string, role = "coordinator", screen: keyof typeof screens = "laptop"): Promise<void> {
  await comes(screen);
  await comesIn(planner, server, name, role);
}

describe("a coordinator", () => {
  test("sees what waits, settles a conflict with one click, and nothing personal stands in the address or the title", async () => {
    await person("Chief Illustrative");
    const { page } = planner;
    await opens("today");
    await planner.sees("Answers that do not agree");
    await planner.sees("Referrals without an answer");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desk-today");
    await page.getByRole("link", { name: "Settle" }).first().click();
    await planner.sees("Two people recorded different answers");
    await planner.keepsPicture("desk-household");
    expect(await planner.barriers()).toEqual([]);
    const address = decodeURIComponent(page.url());
    expect(address).not.toMatch(/Chan|Bopha|ចាន់/);
    expect(await page.title()).toBe("Phteah · Desk");
    const five = page.locator(".side", { hasText: "5" });
    await five.getByRole("button", { name: "This one is right" }).click();
    await planner.sees("Settled.");
    await page.getByText("Two people recorded different answers").waitFor({ state: "detached" });
    await planner.sees("5 people");
  });

  test("finds a family by a misspelt name in both scripts, by keyboard, and records a visit", async () => {
    await person("Second Illustrative");
    const { page } = planner;
    await opens("households");
    await page.getByPlaceholder("Name, phone, card or code").fill("keo darra");
    await page.getByText("1 household", { exact: true }).waitFor();
    await page.getByPlaceholder("Name, phone, card or code").fill("កែវតារា");
    await page.getByText("1 household", { exact: true }).waitFor();
    expect(page.url()).not.toMatch(/keo|%E1/i);
    await planner.keepsPicture("desk-households");
    expect(await planner.barriers()).toEqual([]);
    await page.locator("[data-row='0'] a").focus();
    await page.keyboard.press("Enter");
    await planner.sees("What happened");
    await page.getByRole("button", { name: "Record the visit" }).first().click();
    await page.getByRole("group", { name: "Lives there" }).getByLabel("Yes").check();
    await page.getByRole("group", { name: "In debt" }).getByLabel("No", { exact: true }).check();
    expect(await planner.barriers()).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await planner.sees("Recorded.");
    await page.locator("header .pill", { hasText: "Settled" }).waitFor();
  });

  test("keeps a view of filters, which holds nothing that was searched for", async () => {
    await person("Third Illustrative");
    const { page } = planner;
    await opens("households");
    await page.getByRole("button", { name: "Verified" }).click();
    await page.getByPlaceholder("Name, phone, card or code").fill("Sok");
    await page.getByRole("button", { name: "Save this view" }).click();
    await page.getByLabel("Name of the view").fill("To be placed");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const kept = await page.evaluate(() => localStorage.getItem("phteah.desk.views"));
    expect(kept).toContain("verified");
    expect(kept).not.toContain("Sok");
    await opens("households");
    await page.getByRole("button", { name: "To be placed", exact: true }).click();
    await page.getByText("7 households", { exact: true }).waitFor();
  });

  test("places families, offers, and prints their sheets; the last place is given once", async () => {
    await person("Fourth Illustrative");
    const { page } = planner;
    await opens("households");
    await page.getByRole("button", { name: "Verified" }).click();
    await page.getByText("7 households", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Choose all 7" }).click();
    await page.getByRole("button", { name: "Place these families" }).click();
    await page.getByRole("button", { name: "Propose" }).click();
    await planner.sees("7 of 7 families placed");
    await planner.sees("proven: none is better");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desk-placement");

    // A colleague has worked out the same in another browser, and both make their offers.
    const colleague = await Planner.at(browser, server.url, "laptop");
    try {
      await comesIn(colleague, server, "Fifth Illustrative", "coordinator");
      await colleague.page.goto(`${server.url}/desk?lang=en#/households`);
      await colleague.page.getByRole("button", { name: "Verified" }).click();
      await colleague.page.getByText("7 households", { exact: true }).waitFor();
      await colleague.page.getByRole("button", { name: "Choose all 7" }).click();
      await colleague.page.getByRole("button", { name: "Place these families" }).click();
      await colleague.page.getByRole("button", { name: "Propose" }).click();
      await colleague.page.getByText("7 of 7 families placed").waitFor();
      await page.getByRole("button", { name: "Offer to 7 families" }).click();
      await planner.sees("7 offers were made.");
      await page.getByRole("button", { name: "Print their sheets" }).click();
    } finally {
      await colleague.leaves();
    }
    await page.locator("article.sheet").first().waitFor();
    expect(await page.locator("article.sheet").count()).toBe(7);
    // Each stands first with the site that it was offered.
    expect(await page.locator("article.sheet section:first-child .held").allTextContents()).toEqual(
      Array.from({ length: 7 }, () => "Offered to you"),
    );
    await planner.keepsPicture("desk-sheets");
    planner.keepsPaper("family-sheets-en", await page.pdf({ preferCSSPageSize: true, printBackground: true }));
    await page.getByRole("button", { name: "ភាសាខ្មែរ" }).click();
    await page.getByText("លោកអ្នកជាអ្នកជ្រើសរើស").first().waitFor();
    const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    planner.keepsPaper("family-sheets-km", paper);
    // One page for each family.
    expect(paper.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length).toBe(7);
  });

  test("records that a family accepts its offer, and its sheet says so", async () => {
    await person("Eighth Illustrative");
    const { page } = planner;
    await opens("households");
    await page.getByRole("button", { name: "Offered", exact: true }).click();
    await page.locator("[data-row='0'] a").click();
    await page.getByLabel("Record…").selectOption("Site accepted");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await planner.sees("Recorded.");
    await page.locator("header .pill", { hasText: "Accepted" }).waitFor();
    await page.getByRole("button", { name: "Family sheet" }).click();
    await page.locator("article.sheet .held", { hasText: "You have accepted it" }).waitFor();
  });

  test("refers a family with a consent of its own, and prints no letter without one", async () => {
    await person("Ninth Illustrative");
    const { page } = planner;
    await opens("households");
    await page.getByPlaceholder("Name, phone, card or code").fill("Heng Sokha");
    await page.getByText("1 household", { exact: true }).waitFor();
    await page.locator("[data-row='0'] a").click();
    await page.getByRole("button", { name: "Print the referral" }).click();
    await planner.sees("The record does not say where the family is sent.");
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    await page.getByLabel("Record…").selectOption("Referral");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Where to").fill("Illustrative health centre");
    await dialog.getByRole("textbox", { name: "Reason" }).fill("A check (illustrative)");
    await dialog.getByLabel("Number of members: 4").check();
    expect(await dialog.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await dialog.getByLabel("The family agrees that its name").check();
    await dialog.getByRole("button", { name: "Save" }).click();
    await planner.sees("Recorded.");
    await page.getByRole("button", { name: "Print the referral" }).last().click();
    const letter = page.locator("article.letter");
    await letter.getByText("Illustrative health centre").waitFor({ state: "attached" });
    const text = await letter.textContent();
    expect(text).toContain("Number of members: 4");
    expect(text).not.toContain("Minutes on the way to work");
    expect(text).toMatch(/From: North, Ninth Illustrative/);
    expect(text).toMatch(/The family agreed on .+ for this referral alone/);
  });

  test("loses nothing that was typed when the session ends", async () => {
    await person("Tenth Illustrative");
    const { page } = planner;
    await opens("tasks");
    await page.getByLabel("What should be found out?").fill("Is there a well near the road?");
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Give this task" }).click();
    await planner.sees("You are no longer signed in.");
    await page.context().addCookies(cookies);
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    await planner.sees("You are signed in again.");
    await page.getByRole("button", { name: "Give this task" }).click();
    await page.locator("li strong", { hasText: "Is there a well near the road?" }).waitFor();
  });

  test("sees how moves went, in Khmer too, enlarged and on a phone", async () => {
    await person("Sixth Illustrative");
    const { page } = planner;
    await opens("outcomes");
    await planner.sees("2 families moved");
    await planner.sees("Work too far");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("desk-outcomes");
    for (const part of ["today", "households", "outcomes"]) {
      await opens(part, "km");
      await page.locator("h1").waitFor();
      expect(await planner.barriers()).toEqual([]);
      await planner.keepsPicture(`desk-${part}-km`);
    }
    for (const screen of ["enlarged", "phone"] as const) {
      await page.setViewportSize(screens[screen].viewport);
      for (const part of ["today", "households", "outcomes", "place"]) {
        await opens(part);
        await page.locator("h1").waitFor();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${part} on ${screen}`).toBeLessThanOrEqual(0);
        await planner.keepsPicture(`desk-${part}-${screen}`);
      }
    }
  });
});

describe("people of other roles", () => {
  test("a planner sees counts alone, a field worker is told that the desk is not theirs", async () => {
    await person("Planner Illustrative", "planner");
    await opens("households");
    await planner.sees("You see counts alone.");
    expect(await planner.page.getByRole("link", { name: "Households" }).count()).toBe(0);
    await planner.leaves();
    await person("Field Illustrative", "field-worker");
    await planner.finds("/desk");
    await planner.sees(/no right/);
  });
});
