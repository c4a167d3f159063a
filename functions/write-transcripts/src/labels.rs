//! Every label of a page, in Chinese and English.

use shared::domain::{Severity, Vendor};

use crate::{files::NOT_COPIED, transcript::Writer};

/// A label in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// One label in a row of the table below.
macro_rules! labels {
    ($($name:ident $zh:literal $en:literal)+) => {
        $(#[doc = $en] pub const $name: Label = Label { zh: $zh, en: $en };)+
        #[cfg(test)]
        const ALL: &[Label] = &[$($name),+];
    };
}

labels! {
    TICKET "工单" "Ticket"
    VENDOR_ID "云厂商工单号" "Vendor's id"
    VENDOR "云厂商" "Vendor"
    ACCOUNT "账号" "Account"
    PRODUCT "产品" "Product"
    PROBLEM_TYPE "问题类型" "Problem type"
    REGION "地域" "Region"
    SEVERITY "紧急程度" "Severity"
    NORMAL "普通" "normal"
    URGENT "紧急" "urgent"
    STATE "状态" "State"
    CLOSED "已关闭" "closed"
    CREATED "创建时间" "Created"
    FIRST_RESPONSE "首次响应" "First response"
    CLOSED_AT "归档时间" "Archived"
    RESOLUTION "解决用时" "Time to resolution"
    PROBLEM "问题描述" "Problem"
    CONVERSATION "沟通记录" "Conversation"
    NO_MESSAGES "没有消息" "No messages"
    CUSTOMER "客户" "Customer"
    SUPPORT "客服" "Support"
    FROM_CONSOLE "来自厂商控制台" "from the vendor's console"
    UNREADABLE_TIME "时间无法识别" "time not readable"
    WITHDRAWN "已撤回" "withdrawn"
    OLDER_TEXT "修改前的内容，替换于" "Older text, replaced"
    FILES "附件" "Files"
    UNREADABLE_FILES "无法识别的附件数" "Files that can't be read"
    FILE_STORED "已保存" "stored"
    FILE_PENDING "待保存" "not stored yet"
    FILE_FAILED "保存失败" "could not be stored"
    FILE_TOO_LARGE "文件过大，未保存" "too large to be stored"
    FILE_NOT_COPIED "未保存" "not stored"
    PICTURE "图片" "Picture"
    MESSAGES "消息数" "Messages"
    DIGEST "归档摘要" "Archive digest"
    ALIBABA "阿里云" "Alibaba Cloud"
    HUAWEI "华为云" "Huawei Cloud"
    TENCENT "腾讯云" "Tencent Cloud"
}

impl Label {
    /// Both languages with a space between them.
    pub fn both(self) -> String {
        format!("{} {}", self.zh, self.en)
    }

    /// The vendor's name.
    pub const fn of_vendor(vendor: Vendor) -> Self {
        match vendor {
            Vendor::Alibaba => ALIBABA,
            Vendor::Huawei => HUAWEI,
            Vendor::Tencent => TENCENT,
        }
    }

    /// Who wrote a message.
    pub const fn of_writer(writer: Writer) -> Self {
        match writer {
            Writer::Customer => CUSTOMER,
            Writer::Support => SUPPORT,
        }
    }

    /// How urgent a ticket is.
    pub const fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Normal => NORMAL,
            Severity::Urgent => URGENT,
        }
    }

    /// How far the copy of a file has come; `None` for a state that is not in the table.
    pub fn of_file(state: &str) -> Option<Self> {
        match state {
            "stored" => Some(FILE_STORED),
            "pending" => Some(FILE_PENDING),
            "failed" => Some(FILE_FAILED),
            "too_large" => Some(FILE_TOO_LARGE),
            NOT_COPIED => Some(FILE_NOT_COPIED),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_needs_no_escape_and_has_both_languages() {
        for label in ALL {
            assert!(!label.both().contains(['<', '>', '&', '"']), "{label:?}");
            assert!(label.en.is_ascii() && !label.zh.is_ascii(), "{label:?}");
        }
    }
}
