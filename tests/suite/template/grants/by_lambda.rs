//! What Lambda itself does with the role of a function.

use local::template::EventSource;

use super::TEMPLATE;

/// What Lambda itself does in the name of a function: it reads what is mapped to it, and keeps what it drops.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
pub fn done_by_lambda() -> Vec<(String, Vec<String>)> {
    const OF_STREAMS: [&str; 4] = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
    const OF_QUEUES: [&str; 3] = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"];
    let prefixed = |service: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{service}:{name}")).collect()
    };
    let reads = TEMPLATE.mappings.iter().map(|mapping| {
        let actions = match mapping.source {
            EventSource::Stream { .. } => prefixed("dynamodb", &OF_STREAMS),
            EventSource::Queue(_) => prefixed("sqs", &OF_QUEUES),
        };
        (mapping.function.clone(), actions)
    });
    let kinds = ["AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping"];
    let configs = kinds.into_iter().flat_map(|kind| TEMPLATE.document.resources_of(kind));
    let keeps = configs.filter_map(|(_, config)| {
        let properties = &config["Properties"];
        properties.pointer("/DestinationConfig/OnFailure")?;
        let name = properties["FunctionName"]["Ref"].as_str()?;
        let name = name.strip_suffix(".Alias").unwrap_or(name);
        let function = TEMPLATE.functions.iter().find(|function| function.logical_id == name)?;
        Some((function.package.clone(), prefixed("sqs", &["SendMessage"])))
    });
    // Whoever has a link of a function reads and writes with the function's role, and so does the function itself:
    // these requests are not recorded.
    let links = [
        (
            "copy-attachments",
            &["AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion", "ListBucketVersions", "PutObject"][..],
        ),
        ("query-tickets", &["GetObject"]),
        ("create-ticket", &["GetObject", "PutObject"]),
        ("reply-ticket", &["GetObject"]),
        ("write-transcripts", &["PutObject"]),
    ];
    let links = links.into_iter().map(|(function, actions)| (function.to_owned(), prefixed("s3", actions)));
    reads.chain(keeps).chain(links).collect()
}
