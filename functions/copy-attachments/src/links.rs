//! Links that have not expired: those of another reading of the conversation.

use shared::{
    domain::{Attachment, AttachmentCopy, CloudId, TicketId},
    error::Result,
    vendors::Session,
};

/// The files of one message.
type FilesOfMessage = (String, Vec<Attachment>);

/// The files of the conversation that was read last. Files of a ticket are copied one after the other, and a reading is
/// a call of the vendor.
#[derive(Debug, Default)]
pub struct Links(Option<(TicketId, Vec<FilesOfMessage>)>);

impl Links {
    /// The file as another reading shows it; `None` where its message, or the file there, is gone.
    ///
    /// # Errors
    /// As [`Session::conversation`].
    pub async fn fresh(
        &mut self,
        session: &Session<'_>,
        cloud_id: &CloudId,
        copy: &AttachmentCopy,
    ) -> Result<Option<Attachment>> {
        let messages = session.conversation(cloud_id).await?;
        let files = messages.filter(|message| !message.attachments.is_empty());
        let files = files.map(|message| (message.message_id, message.attachments)).collect();
        self.0 = Some((copy.ticket_id.clone(), files));
        Ok(self.known(copy))
    }

    /// The file as the last reading shows it, if that was one of its ticket.
    pub fn known(&self, copy: &AttachmentCopy) -> Option<Attachment> {
        let (_, messages) = self.0.as_ref().filter(|(ticket, _)| *ticket == copy.ticket_id)?;
        let (_, files) = messages.iter().find(|(id, _)| *id == copy.message.message_id)?;
        let is_it = |file: &&Attachment| file.name == copy.name;
        files.get(copy.place).filter(is_it).or_else(|| files.iter().find(is_it)).cloned()
    }
}
