// A chart with its title above and its caption below, in a box whose height is known before the chart is there.

import { Suspense, useDeferredValue } from "react";
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

// Charts follow their data in a render of its own: the tokens are coloured first, and only then is recharts fetched.

export function BarsFigure(props: Common & BarsProps) {
  const { title, caption, stale = false, height = 140, ...bars } = props;
  const histogram = useDeferredValue(bars.histogram);
  return (
    <Frame title={title} caption={caption} height={height} stale={stale}>
      {histogram.counts.length > 0 && <Bars {...bars} histogram={histogram} />}
    </Frame>
  );
}

export function ProfileFigure(props: Common & ProfileProps) {
  const { title, caption, stale = false, height = 140, ...profile } = props;
  const values = useDeferredValue(profile.values);
  return (
    <Frame title={title} caption={caption} height={height} stale={stale}>
      {values.some((value) => value !== null) && <Profile {...profile} values={values} />}
    </Frame>
  );
}
