// One ticket from the registration of its account to the verified archive, in English.

import { storyTest } from "../harness/story.js";

storyTest("en");
