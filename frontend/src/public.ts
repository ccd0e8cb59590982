// What every page loads.
import { ISLANDS } from "./islands/registry";
import { setUpHtmx } from "./htmx";
import { startLive } from "./live";
import { setUpMenus } from "./menus";
import { mountIslands, registerIslands } from "./mount";
import { deletePagesOfOtherPerson, resumeOutbox } from "./resume";

setUpHtmx();
setUpMenus();
registerIslands(ISLANDS);
mountIslands(document.body);
startLive();
resumeOutbox();
deletePagesOfOtherPerson();
document.addEventListener("htmx:load", (event) => mountIslands((event as CustomEvent<{ elt: Element }>).detail.elt));
