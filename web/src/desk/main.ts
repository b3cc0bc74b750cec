import { mount } from "svelte";
import "../styles/tokens.css";
import "../styles/base.css";
import "./desk.css";
import { whenSignedOut } from "../api/client";
import { locale } from "../i18n/locale.svelte";
import Desk from "./Desk.svelte";
import { desk } from "./desk.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("desk.html has lost its #app element.");
whenSignedOut(() => desk.signedOut(() => location.reload()));
locale.start(new URLSearchParams(location.search).get("lang"));
mount(Desk, { target });
