//! Event source mappings: what Lambda itself reads and hands to a function.

use serde_json::Value;

use super::{Document, Function, Pattern, TemplateError, function::called, reference};

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// A mapping, with partial batch responses.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The resource's name in the template.
    pub logical_id: String,
    /// What is read.
    pub source: Source,
    /// The package of the function it is handed to.
    pub function: String,
    /// The most records in one event.
    pub batch_size: usize,
}

/// What a mapping reads.
#[derive(Clone, Debug)]
pub enum Source {
    /// The table's stream, from its oldest record on, each record again until the function has done it.
    Stream {
        /// A record is handed over when one of these matches it, or when there is none.
        filters: Vec<Pattern>,
        /// Whether a batch that failed as a whole is halved.
        bisect: bool,
    },
    /// A queue, by the logical id of its resource.
    Queue(String),
}

impl Source {
    /// Whether a record is handed to the function.
    #[must_use]
    pub fn takes(&self, record: &Value) -> bool {
        match self {
            Source::Stream { filters, .. } => {
                filters.is_empty() || filters.iter().any(|filter| filter.matches(record))
            }
            Source::Queue(_) => true,
        }
    }
}

pub(super) fn read(document: &Document, functions: &[Function]) -> Result<Vec<Mapping>, TemplateError> {
    document
        .resources_of(MAPPING)
        .map(|(id, resource)| mapping(functions, id, &resource["Properties"]))
        .collect()
}

fn mapping(functions: &[Function], id: &str, properties: &Value) -> Result<Mapping, TemplateError> {
    let function = called(functions, &properties["FunctionName"]);
    let function = function.ok_or_else(|| TemplateError::of(id, "it calls no function's alias"))?;
    if properties["FunctionResponseTypes"] != serde_json::json!(["ReportBatchItemFailures"]) {
        return Err(TemplateError::of(id, "a mapping without partial batch responses is not understood"));
    }
    let batch_size = properties["BatchSize"].as_u64().and_then(|size| usize::try_from(size).ok());
    Ok(Mapping {
        logical_id: id.to_owned(),
        source: source(id, properties)?,
        function: function.package.clone(),
        batch_size: batch_size.ok_or_else(|| TemplateError::of(id, "BatchSize is missing"))?,
    })
}

fn source(id: &str, properties: &Value) -> Result<Source, TemplateError> {
    let arn = Document::text(&properties["EventSourceArn"]).unwrap_or_default();
    let Some(resource) = reference(&arn) else {
        return Err(TemplateError::of(id, "EventSourceArn is no resource of the template"));
    };
    if !arn.ends_with(".StreamArn}") {
        return Ok(Source::Queue(resource.to_owned()));
    }
    let lasts = properties["MaximumRetryAttempts"] == -1 && lasts(&properties["MaximumRecordAgeInSeconds"]);
    if properties["StartingPosition"] != "TRIM_HORIZON" || !lasts {
        return Err(TemplateError::of(id, "only streams that are read in full, without end, are understood"));
    }
    let filters = properties["FilterCriteria"]["Filters"].as_array().into_iter().flatten();
    let filters = filters.map(|filter| filter_of(id, filter)).collect::<Result<_, _>>()?;
    Ok(Source::Stream { filters, bisect: properties["BisectBatchOnFunctionError"] == true })
}

/// Whether records are given up late enough, or never. Here each is brought until it is done.
fn lasts(age_s: &Value) -> bool {
    age_s == -1 || age_s.as_u64().is_some_and(|age_s| age_s >= 20 * 60 * 60)
}

fn filter_of(id: &str, filter: &Value) -> Result<Pattern, TemplateError> {
    let pattern = filter["Pattern"].as_str().and_then(|text| serde_json::from_str(text).ok());
    let pattern: Value = pattern.ok_or_else(|| TemplateError::of(id, "a filter's Pattern is no JSON"))?;
    Pattern::new(&pattern).map_err(|problem| TemplateError::of(id, problem))
}
