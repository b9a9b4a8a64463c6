// A chart with its title above and its caption below, in a box whose height is known before the chart is there.

import { Suspense, useCallback, useDeferredValue, useLayoutEffect, useMemo, useRef } from "react";
import type { BarsProps } from "./Bars.tsx";
import type { ProfileProps } from "./Profile.tsx";
import { later } from "../shared/later.tsx";

const Bars = later(async () => (await import("./Bars.tsx")).Bars);
const Profile = later(async () => (await import("./Profile.tsx")).Profile);

interface FrameProps {
  readonly title: string;
  readonly caption: string;
  readonly height: number;
  readonly stale?: boolean;
  readonly children: React.ReactNode;
}

function Frame({ title, caption, height, stale = false, children }: FrameProps) {
  return (
    <figure className="figure" data-stale={stale || undefined}>
      <h3 className="figure-title">{title}</h3>
      <div className="figure-body" style={{ height }}>
        <Suspense fallback={null}>{children}</Suspense>
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

type Common = Omit<FrameProps, "children" | "height"> & { readonly height?: number };

/** One function for as long as the chart stands, which calls the newest: a new one would draw the chart anew. */
function useNewest<A extends readonly unknown[], R>(given: (...args: A) => R): (...args: A) => R {
  const newest = useRef(given);
  useLayoutEffect(() => {
    newest.current = given;
  });
  return useCallback((...args) => newest.current(...args), []);
}

// Charts follow their data in a render of its own: the tokens are coloured first, and only then is recharts fetched. While
// a reader types, whatever is newer comes first.

export function BarsFigure(props: Common & BarsProps) {
  const { title, caption, stale = false, height = 140, histogram, description, ...bars } = props;
  const data = useMemo(() => ({ histogram, description }), [histogram, description]);
  const drawn = useDeferredValue(data);
  const onHover = useNewest((bin: number | null) => bars.onHover?.(bin));
  return (
    <Frame title={title} caption={caption} height={height} stale={stale}>
      {drawn.histogram.counts.length > 0 && <Bars {...bars} {...drawn} onHover={onHover} />}
    </Frame>
  );
}

export function ProfileFigure(props: Common & ProfileProps) {
  const { title, caption, stale = false, height = 140, values, description, ...profile } = props;
  const data = useMemo(() => ({ values, description }), [values, description]);
  const drawn = useDeferredValue(data);
  const name = useNewest(profile.name);
  const onHover = useNewest(profile.onHover);
  const pick = useNewest((position: number) => profile.onPick?.(position));
  return (
    <Frame title={title} caption={caption} height={height} stale={stale}>
      {drawn.values.some((value) => value !== null) && (
        <Profile
          {...profile}
          {...drawn}
          name={name}
          onHover={onHover}
          {...(profile.onPick !== undefined && { onPick: pick })}
        />
      )}
    </Frame>
  );
}
