// Names of files as they are shown and saved.

/**
 * Without the characters that turn the order of reading: `report_<turn>gpj.exe` would look like an image.
 * @param {string} name
 */
export function plainName(name) {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "");
}
