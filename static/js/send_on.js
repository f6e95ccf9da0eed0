// Sends the one form of a page that has nothing else to say.
"use strict";

document.querySelector("form[data-send-on]")?.requestSubmit();
