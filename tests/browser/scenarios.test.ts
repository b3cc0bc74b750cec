/** Job 7: scenarios are named, saved, copied, shared by link, and compared. */
import { describe, expect, test } from "vitest";
import { Planner } from "./planner.ts";
import { arrives, browser, ownCity, planner, server } from "./stories.ts";

ownCity();

const button = (name: string) => planner.page.getByRole("button", { name, exact: true });
const chosen = () => planner.page.getByRole("combobox", { name: "Scenario", exact: true });
const titleChosen = () => chosen().evaluate((box) => (box as HTMLSelectElement).selectedOptions[0]?.textContent);

/** Saves what is on the screen under a title. */
async function savesCopy(title: string): Promise<void> {
  await button("Save a copy").click();
  await planner.page.getByLabel("Title in English").fill(title);
  await planner.page.locator("dialog").getByRole("button", { name: "Save", exact: true }).click();
  await planner.page.locator("dialog").waitFor({ state: "detached" });
  await planner.waits();
}

describe("a planner with more than one idea", () => {
  test("compares changed weights and limits with the scenario as saved, at one glance", async () => {
    await arrives();
    await planner.dragsWeight(2, 0.6);
    await planner.page.locator("summary", { hasText: "Exclusions" }).click();
    await planner.page.getByRole("textbox", { name: /^At most: Stands under/ }).fill("0.05");
    await planner.waits();
    await planner.sees("Changed, not saved");
    await button("Compare scenarios").click();
    await button("This scenario as saved").click();
    await planner.waits();
    await planner.sees(/\d+ gained · \d+ lost · \d+ unmoved/);
    await planner.sees("Newly excluded");
    await planner.sees(/rank \d+ → excluded/);
    await planner.sees("Change of rank");
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("scenarios-compared");
    // The comparison follows while a weight is being changed, before the server has said anything.
    const before = await planner.page.getByText(/\d+ gained · \d+ lost/).textContent();
    await planner.dragsWeight(5, 0.5);
    expect(await planner.page.getByText(/\d+ gained · \d+ lost/).textContent()).not.toBe(before);
    await planner.waits();
    // A site opens from the comparison and leads back to it.
    await planner.page
      .getByRole("button", { name: /rank \d+ → \d+/ })
      .first()
      .click();
    await planner.sees("Why this score");
    await planner.page.getByRole("button", { name: "All sites" }).click();
    await planner.sees(/\d+ gained · \d+ lost/);
    await button("End the comparison").click();
    await planner.page.getByRole("listbox", { name: "Ranked sites" }).waitFor();
    expect(planner.complaints).toEqual([]);
  });

  test("saves a copy, changes it, saves again, and deletes it", async () => {
    await arrives();
    await planner.dragsWeight(2, 0.7);
    await planner.waits();
    const weights = await planner.weights();
    const order = await planner.order();
    await savesCopy("Near work");
    expect(await titleChosen()).toBe("Near work");
    expect(await planner.page.evaluate(() => location.hash)).toContain("scenario=near-work");
    expect(await planner.weights()).toEqual(weights);
    expect(await planner.page.getByText("Changed, not saved").count()).toBe(0);
    await planner.page.reload();
    await planner.waits();
    expect(await titleChosen()).toBe("Near work");
    expect(await planner.order()).toEqual(order);
    expect(await planner.weights()).toEqual(weights);

    await planner.dragsWeight(0, 0.5);
    await planner.waits();
    const again = await planner.weights();
    await button("Save").click();
    await planner.sees("Saved");
    await planner.waits();
    await planner.page.reload();
    await planner.waits();
    expect(await planner.weights()).toEqual(again);

    await button("Delete").click();
    expect(await planner.barriers()).toEqual([]);
    await planner.page.locator("dialog").getByRole("button", { name: "Delete" }).click();
    await planner.waits();
    expect(await titleChosen()).toBe("Where families can live next");
    expect(await chosen().getByRole("option").allTextContents()).not.toContain("Near work");
  });

  test("keeps a limit that is switched off, with all that was typed in it", async () => {
    await arrives();
    const { page } = planner;
    const opensLimits = () => page.locator("summary", { hasText: "Exclusions" }).click();
    const limit = () => page.getByRole("switch", { name: /^Exclude: No road comes within/ });
    await opensLimits();
    await limit().uncheck();
    await planner.waits();
    await savesCopy("Without roads");
    await page.reload();
    await planner.waits();
    expect(await titleChosen()).toBe("Without roads");
    await opensLimits();
    expect(await limit().isChecked()).toBe(false);
    await planner.sees("Switched off");
    await limit().check();
    await planner.waits();
    await planner.sees("Changed, not saved");
    expect(planner.complaints).toEqual([]);
  });

  test("does not lose changes by choosing another scenario", async () => {
    await arrives();
    await savesCopy("Kept apart");
    await planner.dragsWeight(1, 0.8);
    await planner.waits();
    const weights = await planner.weights();
    await chosen().selectOption("default");
    await planner.waits();
    // Nothing is asked, since nothing is lost: the changes wait with their scenario.
    expect(await titleChosen()).toBe("Where families can live next");
    expect(await planner.weights()).not.toEqual(weights);
    expect(await planner.barriers()).toEqual([]);
    await chosen().selectOption("kept-apart");
    await planner.waits();
    expect(await titleChosen()).toBe("Kept apart");
    await planner.sees("Changed, not saved");
    expect(await planner.weights()).toEqual(weights);
    await button("Undo all changes").click();
    await planner.waits();
    expect(await planner.weights()).not.toEqual(weights);
  });

  test("is told when somebody else saved meanwhile, and keeps the changes", async () => {
    await arrives();
    await savesCopy("Shared work");
    const colleague = await Planner.at(browser, server.url);
    await colleague.opens("#lang=en&scenario=shared-work");
    await colleague.dragsWeight(0, 0.6);
    await colleague.waits();
    await colleague.page.getByRole("button", { name: "Save", exact: true }).click();
    await colleague.sees("Saved");
    await colleague.leaves();

    await planner.dragsWeight(1, 0.6);
    await planner.waits();
    const weights = await planner.weights();
    await button("Save").click();
    await planner.sees("The scenario could not be saved.");
    expect(await planner.weights()).toEqual(weights);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("scenarios-conflict");
    await savesCopy("Shared work, mine");
    expect(await planner.weights()).toEqual(weights);
  });

  test("shares a link that opens the same order elsewhere", async () => {
    await arrives();
    await savesCopy("For the committee");
    await planner.dragsWeight(3, 0.6);
    await planner.waits();
    await planner.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await button("Copy link").click();
    await planner.sees("Link copied");
    const link = await planner.page.evaluate(() => navigator.clipboard.readText());
    const [order, weights] = [await planner.order(), await planner.weights()];
    const colleague = await Planner.at(browser, server.url);
    await colleague.opens(new URL(link).hash);
    expect(await colleague.order()).toEqual(order);
    expect(await colleague.weights()).toEqual(weights);
    await colleague.leaves();
  });
});

describe("a planner with a phone", () => {
  test("compares scenarios in Khmer", async () => {
    await arrives("phone", "#lang=km");
    await planner.page.getByRole("tab", { name: "ទម្ងន់" }).tap();
    const weight = planner.page.locator("input[type=range][aria-labelledby=weight-2]");
    await weight.focus();
    for (let step = 0; step < 25; step += 1) await planner.page.keyboard.press("ArrowRight");
    await planner.waits();
    await planner.page.getByRole("button", { name: "ប្រៀបធៀបសេណារីយ៉ូ", exact: true }).tap();
    await planner.page.getByRole("button", { name: "សេណារីយ៉ូនេះ ដូចដែលបានរក្សាទុក" }).tap();
    await planner.waits();
    await planner.sees(/ឡើង \d+ · ចុះ \d+ · មិនប្ដូរ \d+/);
    const small = await planner.page
      .locator("#panel button:visible")
      .evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML.slice(0, 120)),
      );
    expect(small, "targets below 44 px").toEqual([]);
    expect(await planner.barriers()).toEqual([]);
    await planner.keepsPicture("scenarios-phone-km");
  });
});
