// One ticket from the registration of its account to the verified archive, in Chinese.

import { storyTest } from "../harness/story.js";

storyTest("zh");
