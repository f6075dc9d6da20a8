import { render } from "preact";

import { App } from "./app.tsx";
import { loadSettings } from "./data/settings.ts";
import { keepLedger } from "./data/sync.ts";
import { followRoutes } from "./routes.ts";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/values.css";
import "./styles/lists.css";
import "./styles/charts.css";

const root = document.getElementById("app");

if (self === top) {
  await loadSettings();
  followRoutes();
  void keepLedger(new AbortController().signal);
  if (root) render(<App />, root);
} else {
  // Another page could lay its own words over the buttons that sign.
  root?.replaceChildren("This page does not run inside of another one; open it by its address.");
}
