import { again } from "./again";
import { setUp } from "./hypertext";
import { startLive } from "./islands/live";
import { closeMenus } from "./menus";
import { wake } from "./wake";

setUp();
closeMenus();
wake(document.body);
startLive();
again();
document.addEventListener("htmx:load", (event) => wake((event as CustomEvent<{ elt: Element }>).detail.elt));
