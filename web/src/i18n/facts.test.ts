import { describe, expect, it } from "vitest";
import { answerWords, choicesOf, factOf, factWords, reasonWords, SCHOOL, VISIT } from "./facts";

const member = "members/00000000-0000-4000-8000-000000000001";

describe("the words of facts", () => {
  it("are found for a path, whichever member it is about", () => {
    expect(factWords("head.sex", "en")).toBe("Sex of the head");
    expect(factWords(`${member}/school_attends`, "km")).toBe("ទៅសាលា");
    expect(factWords(SCHOOL, "en")).toBe("Goes to school");
    expect(factWords("status", "en")).toBe("Status");
    expect(factWords("referrals/019/answer", "en")).toBe("Answer to the referral");
  });

  it("are its own name where a form of one's own has given it", () => {
    expect(factWords("dwelling.flood_depth_cm", "km")).toBe("dwelling › flood depth cm");
    expect(factWords(`${member}/blood_group`, "en")).toBe("blood group");
    expect(factOf("dwelling.flood_depth_cm")).toBeUndefined();
  });

  it("tell the same word apart by the question", () => {
    expect(answerWords("work.kind", "none", "en")).toBe("No work");
    expect(answerWords("id_poor.card", "none", "en")).toBe("No card");
    expect(answerWords("head.name", "none", "en")).toBeNull();
    expect(answerWords("outcome.flooded", "unknown", "en")).toBe("Don't know");
    expect(answerWords("outcome.flooded", "yes", "en")).toBeNull();
    expect(reasonWords("left", "work", "en")).toBe("Work too far");
    expect(reasonWords("left", "far from the pagoda", "en")).toBe("far from the pagoda");
  });

  it("are there for all that a visit is told of", () => {
    expect(VISIT.map(({ path }) => path)).toContain("outcome.flooded");
    for (const fact of VISIT) {
      expect(fact.asked, fact.path).toContain("visit");
      expect(choicesOf(fact).length > 1, fact.path).toBe(fact.kind === "one_of");
    }
  });
});
