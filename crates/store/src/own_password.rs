//! A person chooses another password, with the one of today.

use jiff::Timestamp;

use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::ids::{SessionId, part};
use crate::passwords::{self, NONCE_BYTES, SALT_BYTES};
use crate::people_sessions::{known, own};
use crate::secret::same;
use crate::sql::params;
use crate::store::Store;
use crate::trail::{Entry, append};

/// Random bytes that another password needs.
pub const PASSWORD_ENTROPY_BYTES: usize = SALT_BYTES + NONCE_BYTES;

impl Store {
    /// Takes another password in place of `current`. The one-time codes stay those of the same app; every other session of the account ends.
    ///
    /// A wrong `current` is [`StoreError::BadSignIn`]. Takes some tens of milliseconds of a processor: limit how often it may be tried.
    pub fn change_own_password(
        &self,
        actor: &Actor,
        session: &SessionId,
        (current, chosen): (&str, &str),
        entropy: &[u8; PASSWORD_ENTROPY_BYTES],
        now: Timestamp,
    ) -> Result<()> {
        let account = own(actor)?.clone();
        let name = self.account_name(actor, &account)?;
        let known = known(&self.lock(), &name)?
            .filter(|known| known.id == account)
            .ok_or(StoreError::BadSignIn)?;
        // Off the lock: this takes its time.
        let before = passwords::stretch_as(&known.stretching, current, &known.salt)?;
        if !same(&before.verifier, &known.verifier) {
            return Err(StoreError::BadSignIn);
        }
        passwords::check(chosen, &name)?;
        let salt: [u8; SALT_BYTES] = part(entropy, 0);
        let nonce: [u8; NONCE_BYTES] = part(entropy, SALT_BYTES);
        let (after, stretching) = passwords::stretch(chosen, &salt)?;
        // What was sealed with the former password is sealed with the new one.
        let sealed = match &known.sealed {
            None => None,
            Some((sealed, former)) => {
                let secret = before.open(&account, former, sealed)?;
                Some(after.seal(&account, &nonce, &secret)?)
            }
        };
        self.change(|change| {
            let failed = StoreError::sqlite("changing a password");
            let changed = change
                .execute(
                    "UPDATE account SET stretching = ?2, salt = ?3, verifier = ?4, totp = ?5, totp_nonce = ?6
                     WHERE id = ?1 AND verifier = ?7",
                    params![
                        account,
                        stretching,
                        salt,
                        after.verifier,
                        sealed,
                        sealed.is_some().then_some(nonce),
                        known.verifier
                    ],
                )
                .map_err(&failed)?;
            if changed == 0 {
                // Another password was chosen meanwhile.
                return Err(StoreError::BadSignIn);
            }
            change
                .execute(
                    "DELETE FROM account_session WHERE account = ?1 AND id <> ?2",
                    params![account, session],
                )
                .map_err(&failed)?;
            change
                .execute("DELETE FROM sign_in_link WHERE account = ?1", [&account])
                .map_err(&failed)?;
            let entry = Entry {
                what: "password_changed",
                subject: &format!("account {account}"),
                why: "",
                detail: "",
            };
            append(change, actor, &entry, now)
        })
    }
}
