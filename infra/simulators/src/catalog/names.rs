//! Names from which the catalogs are put together: services, editions and problems.

use super::CatalogProblemType;

/// A cloud service: group, Chinese name, English name, short form.
pub(crate) struct Service {
    pub(crate) group: (&'static str, &'static str),
    pub(crate) name: &'static str,
    pub(crate) name_en: &'static str,
    pub(crate) acronym: &'static str,
}

/// A group's Chinese and English name, and its services as Chinese name, English name and short form.
type GroupRow = ((&'static str, &'static str), &'static [(&'static str, &'static str, &'static str)]);

const GROUPS: [GroupRow; 9] = [
    (
        ("弹性计算", "Compute"),
        &[
            ("云服务器", "Elastic Compute Service", "ECS"),
            ("轻量应用服务器", "Simple Application Server", "SAS"),
            ("弹性伸缩", "Auto Scaling", "AS"),
            ("裸金属服务器", "Bare Metal Server", "BMS"),
            ("专有宿主机", "Dedicated Host", "DDH"),
            ("弹性容器实例", "Elastic Container Instance", "ECI"),
            ("函数计算", "Function Compute", "FC"),
        ],
    ),
    (
        ("存储", "Storage"),
        &[
            ("对象存储", "Object Storage Service", "OSS"),
            ("云硬盘", "Elastic Volume Service", "EVS"),
            ("文件存储", "File Storage", "NAS"),
            ("云备份", "Cloud Backup and Recovery", "CBR"),
            ("日志服务", "Log Service", "SLS"),
            ("归档存储", "Archive Storage", "CAS"),
        ],
    ),
    (
        ("网络与CDN", "Networking and CDN"),
        &[
            ("云解析", "Domain Name System", "DNS"),
            ("内容分发网络", "Content Delivery Network", "CDN"),
            ("负载均衡", "Server Load Balancer", "SLB"),
            ("虚拟私有云", "Virtual Private Cloud", "VPC"),
            ("弹性公网IP", "Elastic IP", "EIP"),
            ("NAT网关", "NAT Gateway", "NAT"),
            ("VPN网关", "VPN Gateway", "VPN"),
            ("云专线", "Direct Connect", "DC"),
            ("全球加速", "Global Accelerator", "GA"),
        ],
    ),
    (
        ("数据库", "Databases"),
        &[
            ("云数据库 MySQL", "RDS for MySQL", "RDS"),
            ("云数据库 PostgreSQL", "RDS for PostgreSQL", "PG"),
            ("云数据库 Redis", "Redis", "REDIS"),
            ("文档数据库", "Document Database", "DDS"),
            ("分布式数据库", "Distributed Database", "DDM"),
            ("数据传输服务", "Data Transmission Service", "DTS"),
            ("数据仓库", "Data Warehouse", "DWS"),
        ],
    ),
    (
        ("安全", "Security"),
        &[
            ("Web应用防火墙", "Web Application Firewall", "WAF"),
            ("DDoS防护", "Anti-DDoS", "AAD"),
            ("主机安全", "Host Security", "HSS"),
            ("SSL证书", "SSL Certificates", "SSL"),
            ("密钥管理", "Key Management Service", "KMS"),
            ("云防火墙", "Cloud Firewall", "CFW"),
        ],
    ),
    (
        ("容器与中间件", "Containers and Middleware"),
        &[
            ("容器服务", "Container Service", "ACK"),
            ("容器镜像服务", "Container Registry", "SWR"),
            ("消息队列 Kafka", "Message Queue for Kafka", "KAFKA"),
            ("消息队列 RocketMQ", "Message Queue for RocketMQ", "MQ"),
            ("API网关", "API Gateway", "APIG"),
            ("微服务引擎", "Microservice Engine", "MSE"),
        ],
    ),
    (
        ("人工智能与大数据", "AI and Analytics"),
        &[
            ("机器学习平台", "Machine Learning Platform", "PAI"),
            ("大模型服务平台", "Model Studio", "LLM"),
            ("大数据开发治理", "DataWorks", "DW"),
            ("搜索服务", "Search Service", "CSS"),
            ("语音识别", "Speech Recognition", "ASR"),
            ("文字识别", "Optical Character Recognition", "OCR"),
        ],
    ),
    (
        ("企业应用", "Business Applications"),
        &[
            ("域名注册", "Domain Registration", "DOMAIN"),
            ("ICP备案", "ICP Filing", "ICP"),
            ("短信服务", "Short Message Service", "SMS"),
            ("企业邮箱", "Enterprise Mail", "MAIL"),
            ("云桌面", "Cloud Desktop", "WKS"),
        ],
    ),
    (
        ("账号与费用", "Account and Billing"),
        &[
            ("费用中心", "Billing Center", "BSS"),
            ("访问控制", "Identity and Access Management", "IAM"),
            ("操作审计", "Action Trail", "CTS"),
            ("云监控", "Cloud Monitoring", "CES"),
        ],
    ),
];

const EDITIONS: [(&str, &str, &str); 3] =
    [("", "", ""), ("（企业版）", " (Enterprise)", "-E"), ("（专有云版）", " (Dedicated)", "-D")];

const PROBLEMS: [(&str, &str, bool); 14] = [
    ("购买与续费咨询", "Purchase and renewal", false),
    ("无法连接或登录", "Cannot connect or log in", true),
    ("配置与使用咨询", "Configuration and usage", false),
    ("性能异常", "Abnormal performance", true),
    ("欠费与退款", "Overdue payment and refund", false),
    ("服务不可用", "Service unavailable", true),
    ("控制台报错", "Console error", true),
    ("API与SDK问题", "API and SDK", false),
    ("数据丢失或误删", "Data loss or deletion by mistake", true),
    ("权限与授权", "Permissions and authorization", false),
    ("迁移与升级", "Migration and upgrade", false),
    ("监控与告警", "Monitoring and alarms", false),
    ("安全与合规", "Security and compliance", false),
    ("其他问题", "Other problems", false),
];

/// All services in order, group by group.
pub(crate) fn services() -> impl Iterator<Item = Service> {
    GROUPS.iter().flat_map(|(group, services)| {
        services.iter().map(|&(name, name_en, acronym)| Service { group: *group, name, name_en, acronym })
    })
}

/// A service's editions: Chinese name, English name and short form with the edition in each.
pub(crate) fn editions(service: &Service) -> impl Iterator<Item = (String, String, String)> {
    let (name, name_en, acronym) = (service.name, service.name_en, service.acronym);
    let name = if name.ends_with(acronym) { name.to_owned() } else { format!("{name} {acronym}") };
    EDITIONS.iter().map(move |(zh, en, short)| {
        (format!("{name}{zh}"), format!("{name_en} {acronym}{en}"), format!("{acronym}{short}"))
    })
}

/// `count` problem types beginning somewhere in the list, with ids from `id`.
pub(crate) fn problem_types(
    start: usize,
    count: usize,
    mut id: impl FnMut(usize) -> String,
) -> Vec<CatalogProblemType> {
    let names = PROBLEMS.iter().cycle().skip(start % PROBLEMS.len()).take(count);
    names
        .enumerate()
        .map(|(n, &(zh, en, fault))| CatalogProblemType {
            id: id(n),
            name: zh.to_owned(),
            name_en: en.to_owned(),
            fault,
        })
        .collect()
}
