// A chart with its title above and its caption below, in a box whose height is known before the chart is there.

import { lazy, Suspense } from "react";
import type { BarsProps } from "../charts/Bars.tsx";
import type { ProfileProps } from "../charts/Profile.tsx";

const Bars = lazy(async () => ({ default: (await import("../charts/Bars.tsx")).Bars }));
const Profile = lazy(async () => ({ default: (await import("../charts/Profile.tsx")).Profile }));

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

export function BarsFigure({
  title,
  caption,
  stale = false,
  height = 140,
  ...bars
}: Common & BarsProps) {
  return (
    <Frame title={title} caption={caption} height={height} stale={stale}>
      {bars.histogram.counts.length > 0 && <Bars {...bars} />}
    </Frame>
  );
}

export function ProfileFigure({
  title,
  caption,
  stale = false,
  height = 140,
  ...profile
}: Common & ProfileProps) {
  return (
    <Frame title={title} caption={caption} height={height} stale={stale}>
      {profile.values.some((value) => value !== null) && <Profile {...profile} />}
    </Frame>
  );
}
