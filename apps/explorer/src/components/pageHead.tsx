/** The title of a page about one account. */

import type { ComponentChildren } from "preact";

import { FullAddress } from "./values.tsx";

interface PageHeadProps {
  title: string;
  address?: string;
  badges?: ComponentChildren;
  children?: ComponentChildren;
}

export function PageHead({ title, address, badges, children }: PageHeadProps) {
  return (
    <div class="page-head">
      <h1>
        {title} {badges}
      </h1>
      {address !== undefined && <FullAddress address={address} />}
      {children}
    </div>
  );
}
