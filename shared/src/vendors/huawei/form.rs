//! What the vendor tells of a ticket's fields: four small calls for a problem type. A part that can't be read is named,
//! and fails nothing; a row that can't be read is counted.

use serde::Deserialize;
use serde_json::Value;

use super::{HuaweiClient, error::check, requests};
use crate::{
    domain::{
        ProblemTypeId, ProductId, Site, Vendor,
        ticket_form::{CommonField, ExtraField, FormPart, TextTemplate, TicketForm, VendorSeverity},
    },
    error::{ErrorKind, Result},
    vendors::{
        Access,
        answer::VendorAnswer,
        call::VendorOperation,
        lenient::{self, Integer, Row, Text},
    },
};

const LIST_EXTENDS_PARAMS: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListExtendsParams");
const LIST_SEVERITIES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListSeverities");
const LIST_CASE_TEMPLATES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCaseTemplates");
const LIST_CASE_LIMITS: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCaseLimits");

/// The most templates that are kept.
const MAX_TEMPLATES: usize = 20;
/// The most characters of a key; a longer one can't be sent.
const MAX_KEY_CHARS: usize = 100;

impl HuaweiClient {
    /// Reads the four parts one after the other. Refused keys end it at once: more calls would lock the key.
    pub(super) async fn read_form(&self, access: &Access, of: (&ProductId, &ProblemTypeId)) -> Result<TicketForm> {
        let mut form = TicketForm::default();
        for part in [FormPart::Extra, FormPart::Severities, FormPart::Templates, FormPart::Limits] {
            match self.read_part(access, of, part, &mut form).await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::CredentialInvalid => return Err(error),
                Err(error) => {
                    tracing::warn!(account.id = %access.account, ?part, error = ?error, "A form was read in part.");
                    form.unread.push(part);
                }
            }
        }
        Ok(form)
    }

    async fn read_part(
        &self,
        access: &Access,
        (product, problem_type): (&ProductId, &ProblemTypeId),
        part: FormPart,
        form: &mut TicketForm,
    ) -> Result<()> {
        let ids = [("product_category_id", product.as_str()), ("business_type_id", problem_type.as_str())];
        let (operation, path, query) = match part {
            FormPart::Extra => (LIST_EXTENDS_PARAMS, "extends-map", &ids[..]),
            FormPart::Severities => (LIST_SEVERITIES, "severities", &ids[..]),
            FormPart::Templates => (LIST_CASE_TEMPLATES, "templates", &ids[1..]),
            FormPart::Limits => (LIST_CASE_LIMITS, "limits", &[][..]),
        };
        let answer = self.call(access, &operation, requests::config(access, path, query)?).await?;
        check(&answer)?;
        match part {
            FormPart::Extra => extra(&answer, access.site, form),
            FormPart::Severities => severities(&answer, access.site, form),
            FormPart::Templates => templates(&answer, form),
            FormPart::Limits => limits(&answer, form),
        }
    }
}

#[derive(Deserialize)]
struct ExtendsParams {
    extends_params: Option<Vec<Row<ExtendsParam>>>,
    common_params: Option<Vec<Row<CommonParam>>>,
}

#[derive(Deserialize)]
struct ExtendsParam {
    param_key: Text,
    param_name: Text,
    param_desc: Text,
    tips: Text,
    language: Text,
    required: Integer,
    is_show: Integer,
    is_sensitive: Integer,
    length: Integer,
    min_value: Integer,
    max_value: Integer,
    select_item: Option<Value>,
    default_value: Text,
}

#[derive(Deserialize)]
struct CommonParam {
    param_key: Text,
    param_name: Text,
    is_required: Integer,
}

#[derive(Deserialize)]
struct Severities {
    show: Option<bool>,
    severity_list: Option<Vec<Row<Severity>>>,
}

#[derive(Deserialize)]
struct Severity {
    severity_id: Text,
    severity_name: Text,
    language: Text,
}

#[derive(Deserialize)]
struct Templates {
    incident_template_list: Option<Vec<Row<Template>>>,
}

#[derive(Deserialize)]
struct Template {
    incident_template_name: Text,
    incident_template_content: Text,
}

#[derive(Deserialize)]
struct Limits {
    #[serde(default, deserialize_with = "lenient::object")]
    config: Config,
}

#[derive(Default, Deserialize)]
struct Config {
    create_case_ccemail_max_count: Integer,
}

/// The rows of a list that can be read; the others are counted. A list that is missing is not known to be empty.
fn readable<T>(answer: &VendorAnswer, rows: Option<Vec<Row<T>>>, form: &mut TicketForm) -> Result<Vec<T>> {
    let rows = rows.ok_or_else(|| answer.bad("a list of a form is missing"))?;
    let count = rows.len();
    let read: Vec<T> = rows.into_iter().filter_map(Row::read).collect();
    form.unreadable += answer.unreadable_rows(count - read.len())?;
    Ok(read)
}

/// Leaves one row of each key: that in the site's language, else the first one.
fn by_language<T>(rows: Vec<T>, site: Site, of: impl Fn(&T) -> (Option<&str>, Option<&str>)) -> Vec<T> {
    let begin = if site == Site::China { "zh" } else { "en" };
    let is_own = |row: &T| of(row).1.is_some_and(|language| language.to_ascii_lowercase().starts_with(begin));
    let mut chosen: Vec<T> = Vec::new();
    for row in rows {
        match chosen.iter_mut().find(|known| of(known).0 == of(&row).0) {
            Some(known) if is_own(&row) && !is_own(known) => *known = row,
            Some(_) => {}
            None => chosen.push(row),
        }
    }
    chosen
}

fn extra(answer: &VendorAnswer, site: Site, form: &mut TicketForm) -> Result<()> {
    let params: ExtendsParams = answer.json()?;
    let rows = readable(answer, params.extends_params, form)?;
    for row in by_language(rows, site, |row| (row.param_key.0.as_deref(), row.language.0.as_deref())) {
        match extra_field(row, &mut form.unreadable) {
            Some(field) => form.extra.push(field),
            None => form.unreadable += 1,
        }
    }
    for row in readable(answer, Some(params.common_params.unwrap_or_default()), form)? {
        let Some(key) = row.param_key.non_blank() else { continue };
        form.common.push(CommonField { key, name: row.param_name.non_blank(), required: row.is_required.0 == Some(1) });
    }
    Ok(())
}

/// `None` without a key. A field that the vendor does not show is never demanded. The kinds of `param_type` and the
/// form of `select_item` are not documented: only a JSON list of texts is taken for the only values.
fn extra_field(row: ExtendsParam, unreadable: &mut usize) -> Option<ExtraField> {
    let key = row.param_key.non_blank().filter(|key| key.chars().count() <= MAX_KEY_CHARS)?;
    let hint = [row.param_desc.non_blank(), row.tips.non_blank()].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let (choices, vendor_choices) = choices(row.select_item);
    *unreadable += usize::from(vendor_choices.is_some());
    Some(ExtraField {
        name: row.param_name.non_blank().unwrap_or_else(|| key.clone()),
        key,
        description: Some(hint).filter(|hint| !hint.is_empty()),
        required: row.required.0 == Some(1) && row.is_show.0 != Some(0),
        max_chars: row.length.0.filter(|length| *length > 0).and_then(|length| usize::try_from(length).ok()),
        range: row.min_value.0.zip(row.max_value.0).filter(|(low, high)| low < high),
        choices,
        vendor_choices,
        default: row.default_value.non_blank(),
        sensitive: row.is_sensitive.0 != Some(0),
    })
}

/// The values of a JSON list of texts, or else the vendor's text.
fn choices(items: Option<Value>) -> (Vec<String>, Option<String>) {
    let (text, list) = match items {
        None | Some(Value::Null) => return (Vec::new(), None),
        Some(Value::String(text)) if matches!(text.trim(), "" | "null" | "[]") => return (Vec::new(), None),
        Some(Value::String(text)) => (text.clone(), serde_json::from_str::<Vec<String>>(&text).ok()),
        Some(value) => (value.to_string(), serde_json::from_value(value).ok()),
    };
    match list {
        Some(list) => (list, None),
        None => (Vec::new(), Some(text)),
    }
}

fn severities(answer: &VendorAnswer, site: Site, form: &mut TicketForm) -> Result<()> {
    let list: Severities = answer.json()?;
    if list.show == Some(false) {
        return Ok(());
    }
    let unreadable = form.unreadable;
    let rows = readable(answer, list.severity_list, form)?;
    // A severity that can't be read must not be refused.
    if form.unreadable > unreadable || rows.iter().any(|row| row.severity_id.0.is_none()) {
        return Err(answer.bad("a severity without a readable id"));
    }
    for row in by_language(rows, site, |row| (row.severity_id.0.as_deref(), row.language.0.as_deref())) {
        let Some(id) = row.severity_id.non_blank() else { continue };
        form.severities.push(VendorSeverity { name: row.severity_name.non_blank().unwrap_or_else(|| id.clone()), id });
    }
    Ok(())
}

fn templates(answer: &VendorAnswer, form: &mut TicketForm) -> Result<()> {
    let list: Templates = answer.json()?;
    for row in readable(answer, list.incident_template_list, form)?.into_iter().take(MAX_TEMPLATES) {
        let Some(content) = row.incident_template_content.non_blank() else { continue };
        form.templates.push(TextTemplate { name: row.incident_template_name.non_blank().unwrap_or_default(), content });
    }
    Ok(())
}

fn limits(answer: &VendorAnswer, form: &mut TicketForm) -> Result<()> {
    let limits: Limits = answer.json()?;
    form.max_cc = limits.config.create_case_ccemail_max_count.0.and_then(|count| usize::try_from(count).ok());
    Ok(())
}
