//! Event source mappings: streams and queues that Lambda reads for a function.

use serde_json::Value;

use super::{LambdaFunction, Pattern, TemplateDocument, TemplateError, function::called, reference};

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// An event source mapping with partial batch responses.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The resource's name in the template.
    pub logical_id: String,
    /// What is read.
    pub source: EventSource,
    /// The package of the function that gets the records.
    pub function: String,
    /// The most records in one event.
    pub batch_size: usize,
}

/// What a mapping reads.
#[derive(Clone, Debug)]
pub enum EventSource {
    /// The table's stream, from its oldest record on. A record is repeated until the function accepts it.
    Stream {
        /// The function gets a record when one of these matches it, or when the list is empty.
        filters: Vec<Pattern>,
        /// Whether a batch that failed as a whole is split in two.
        bisect: bool,
    },
    /// A queue, by the logical id of its resource.
    Queue(String),
}

impl EventSource {
    /// Whether the function gets the record.
    #[must_use]
    pub fn accepts(&self, record: &Value) -> bool {
        match self {
            EventSource::Stream { filters, .. } => {
                filters.is_empty() || filters.iter().any(|filter| filter.matches(record))
            }
            EventSource::Queue(_) => true,
        }
    }
}

pub(super) fn read(document: &TemplateDocument, functions: &[LambdaFunction]) -> Result<Vec<Mapping>, TemplateError> {
    document.resources_of(MAPPING).map(|(id, resource)| mapping(functions, id, &resource["Properties"])).collect()
}

fn mapping(functions: &[LambdaFunction], id: &str, properties: &Value) -> Result<Mapping, TemplateError> {
    let function = called(functions, &properties["FunctionName"]);
    let function = function.ok_or_else(|| TemplateError::of(id, "it does not call the alias of a function"))?;
    if properties["FunctionResponseTypes"] != serde_json::json!(["ReportBatchItemFailures"]) {
        return Err(TemplateError::of(id, "a mapping without partial batch responses is not supported"));
    }
    let batch_size = properties["BatchSize"].as_u64().and_then(|size| usize::try_from(size).ok());
    Ok(Mapping {
        logical_id: id.to_owned(),
        source: source(id, properties)?,
        function: function.package.clone(),
        batch_size: batch_size.ok_or_else(|| TemplateError::of(id, "BatchSize is missing"))?,
    })
}

fn source(id: &str, properties: &Value) -> Result<EventSource, TemplateError> {
    let arn = TemplateDocument::text(&properties["EventSourceArn"]).unwrap_or_default();
    let Some(resource) = reference(&arn) else {
        return Err(TemplateError::of(id, "EventSourceArn is not a resource of the template"));
    };
    if !arn.ends_with(".StreamArn}") {
        return Ok(EventSource::Queue(resource.to_owned()));
    }
    let is_retained =
        properties["MaximumRetryAttempts"] == -1 && is_retained_long(&properties["MaximumRecordAgeInSeconds"]);
    if properties["StartingPosition"] != "TRIM_HORIZON" || !is_retained {
        return Err(TemplateError::of(id, "only streams from TRIM_HORIZON with unlimited retries are supported"));
    }
    let filters = properties["FilterCriteria"]["Filters"].as_array().into_iter().flatten();
    let filters = filters.map(|filter| filter_of(id, filter)).collect::<Result<_, _>>()?;
    Ok(EventSource::Stream { filters, bisect: properties["BisectBatchOnFunctionError"] == true })
}

/// Whether Lambda drops a record only after a long time, or never. This stack never drops one.
fn is_retained_long(age_s: &Value) -> bool {
    age_s == -1 || age_s.as_u64().is_some_and(|age_s| age_s >= 20 * 60 * 60)
}

fn filter_of(id: &str, filter: &Value) -> Result<Pattern, TemplateError> {
    let pattern = filter["Pattern"].as_str().and_then(|text| serde_json::from_str(text).ok());
    let pattern: Value = pattern.ok_or_else(|| TemplateError::of(id, "a filter's Pattern is not JSON"))?;
    Pattern::new(&pattern).map_err(|problem| TemplateError::of(id, problem))
}
