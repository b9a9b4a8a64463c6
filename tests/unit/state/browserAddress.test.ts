// The address bar over a browser's history: a flood of views ends at the last one, and a view that is too long for an
// address is there after a reload, back and forward.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { browserAddress } from "../../../src/state/browserAddress.ts";
import { FRAGMENT_MOST } from "../../../src/state/linkLength.ts";
import { KEPT_MOST } from "../../../src/state/longHistory.ts";
import { fakeTab } from "../../support/fakeHistory.ts";

function open(tab: ReturnType<typeof fakeTab>) {
  let lost = 0;
  const address = browserAddress(tab.window, () => (lost += 1), tab.clock);
  return { ...address, lost: () => lost };
}

const longText = (letter: string, length = FRAGMENT_MOST + 1): string =>
  `text=${letter.repeat(length)}&feature=7`;

describe("a flood of views", () => {
  it("throws nothing, and the address bar ends with the last one", () => {
    const tab = fakeTab();
    const address = open(tab);
    for (let n = 0; n < 400; n++) {
      address[n % 3 === 0 ? "push" : "replace"](`feature=${n}`);
      expect(address.fragment()).toBe(`feature=${n}`);
      tab.pass(5);
    }
    expect(tab.fragments().at(-1)).not.toBe("feature=399");
    tab.pass(60_000);
    expect(tab.fragments().at(-1)).toBe("feature=399");
    expect(address.fragment()).toBe("feature=399");
  });

  it("adds a step where one of what waited was a step", () => {
    const tab = fakeTab();
    const address = open(tab);
    for (let n = 0; n < 80; n++) address.replace(`feature=${n}`);
    expect(tab.fragments()).toEqual(["feature=79"]);
    address.push("feature=80");
    address.replace("feature=81");
    tab.pass(10_000);
    expect(tab.fragments()).toEqual(["feature=79", "feature=81"]);
  });

  it("gives way to a reader who goes back meanwhile", () => {
    const tab = fakeTab();
    const address = open(tab);
    for (let n = 0; n < 90; n++) address.push(`feature=${n}`);
    const heard: string[] = [];
    address.onChange(() => heard.push(address.fragment()));
    tab.go(-1);
    expect(heard).toEqual(["feature=78"]);
    tab.pass(60_000);
    expect(address.fragment()).toBe("feature=78");
    expect(tab.fragments().at(-1)).toBe("feature=79");
  });

  it("outlives a browser that takes fewer than any known, and one that takes none", () => {
    const slow = fakeTab({ writes: 3 });
    const address = open(slow);
    for (let n = 0; n < 10; n++) address.push(`feature=${n}`);
    slow.pass(60_000);
    expect(slow.fragments().at(-1)).toBe("feature=9");

    const none = fakeTab({ writes: 0 });
    const stuck = open(none);
    stuck.push("feature=1");
    none.pass(600_000);
    stuck.replace("feature=2");
    expect(stuck.fragment()).toBe("feature=2");
    expect(none.fragments()).toEqual([""]);
  });
});

describe("a view that is too long for an address", () => {
  it("leaves its text out of the address, and has it after a reload", () => {
    const tab = fakeTab();
    const long = longText("a");
    open(tab).replace(long);
    expect(tab.fragments()).toEqual(["left-out=text&feature=7"]);
    expect(open(tab).fragment()).toBe(long);
    tab.reload();
    const again = open(tab);
    expect(again.fragment()).toBe(long);
    expect(again.lost()).toBe(0);
  });

  it("stands in the history once for all entries that share it, and back has it", () => {
    const tab = fakeTab();
    const long = longText("a");
    const views = ["", "&units=raw", "&mask=all", "&layout=table"].map((more) => long + more);
    const address = open(tab);
    const heard: string[] = [];
    address.onChange(() => heard.push(address.fragment()));
    for (const view of views) address.push(view);
    expect(tab.states().filter((size) => size > 1000)).toHaveLength(1);
    for (const view of views.slice(0, -1).toReversed()) {
      tab.go(-1);
      expect(heard.at(-1)).toBe(view);
      tab.reload();
      const reloaded = open(tab);
      expect(reloaded.fragment()).toBe(view);
      reloaded.onChange(() => heard.push(reloaded.fragment()));
    }
  });

  it("is told from another of the same length under the same address", () => {
    const tab = fakeTab();
    const address = open(tab);
    const [first, second] = [longText("a"), longText("b")];
    address.onChange(() => undefined);
    address.push(first);
    address.push(second);
    expect(new Set(tab.fragments().slice(1)).size).toBe(1);
    expect(address.fragment()).toBe(second);
    tab.go(-1);
    expect(address.fragment()).toBe(first);
    tab.go(1);
    expect(address.fragment()).toBe(second);
  });

  it("gives way to a short one, and to what the reader types into the address bar", () => {
    const tab = fakeTab();
    const address = open(tab);
    address.onChange(() => undefined);
    address.push(longText("a"));
    address.push("text=short");
    expect(address.fragment()).toBe("text=short");
    tab.reload();
    expect(open(tab).fragment()).toBe("text=short");
    tab.type("left-out=text");
    expect(open(tab).fragment()).toBe("left-out=text");
  });

  it("is there until a reload where the browser does not keep as much, which is told", () => {
    for (const [tab, long] of [
      [fakeTab({ state: 1_000_000 }), longText("a")],
      [fakeTab(), longText("a", KEPT_MOST + 1)],
    ] as const) {
      const address = open(tab);
      address.push(long);
      expect(address.lost()).toBe(1);
      expect(address.fragment()).toBe(long);
      tab.reload();
      expect(open(tab).fragment()).toBe("left-out=text&feature=7");
    }
  });

  it("waits its turn like any other", () => {
    const tab = fakeTab({ writes: 5 });
    const address = open(tab);
    for (let n = 0; n < 10; n++) address.push(`${longText("a")}&dead=-${n + 1}`);
    expect(address.fragment()).toMatch(/dead=-10$/);
    tab.pass(60_000);
    tab.reload();
    expect(open(tab).fragment()).toBe(`${longText("a")}&dead=-10`);
  });

  it("makes no link that is too long", () => {
    const address = open(fakeTab());
    expect(address.href(longText("a"))).toBe("https://facet.example/#left-out=text&feature=7");
    expect(address.href("text=short")).toBe("https://facet.example/#text=short");
  });

  it("reads no more of a state than it put there, whatever another page of this site left", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (state) => {
        const tab = fakeTab();
        tab.window.history.replaceState(state, "", "https://facet.example/#left-out=text");
        const address = open(tab);
        expect(address.fragment()).toMatch(/^(left-out=text|text=.*)$/s);
        address.push("feature=1");
        expect(address.fragment()).toBe("feature=1");
      }),
    );
  });
});
