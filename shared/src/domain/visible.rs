//! Which characters of a text can be seen.

use icu_properties::{CodePointSetData, CodePointSetDataBorrowed, props::DefaultIgnorableCodePoint};

/// Whether a character is displayed: no white space, no control character, and nothing that Unicode calls ignorable,
/// such as a zero-width space.
pub fn is_visible(c: char) -> bool {
    const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    !c.is_whitespace() && !c.is_control() && !IGNORABLE.contains(c)
}
