import { mount } from "svelte";
import "../styles/tokens.css";
import "./field.css";
import FieldApp from "./FieldApp.svelte";
import { App } from "./state/app.svelte";
import { Updates } from "./state/updates.svelte";
import { locale } from "./words/locale.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("field.html has lost its #app element.");
locale.start();
const app = new App();
const updates = new Updates();
mount(FieldApp, { target, props: { app, updates } });
void updates.start();
void app.start();
