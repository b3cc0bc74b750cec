//! Names and words that several answers of the desk share.

use std::collections::HashMap;

use phteah_layers::gazetteer;
use phteah_store::{Actor, Store, StoreError, account_of};

use super::types::{Author, Sangkat, Worker};

/// Names of accounts that the actor may know.
pub struct People {
    names: HashMap<String, String>,
}

impl People {
    /// Reads them.
    pub fn of(store: &Store, actor: &Actor) -> Result<Self, StoreError> {
        let accounts = store.accounts(actor)?;
        Ok(Self {
            names: accounts
                .into_iter()
                .map(|account| (account.id.to_string(), account.name))
                .collect(),
        })
    }

    /// Who did something, by the words of the audit: `account ID`, `device ID of account ID`, `command line`.
    pub fn author(&self, by: &str) -> Author {
        let account = account_of(by).map(str::to_owned);
        Author {
            name: account.as_ref().and_then(|id| self.names.get(id).cloned()),
            by_phone: by.starts_with("device "),
            by_program: account.is_none(),
            account,
        }
    }

    /// People in whose hands a household is.
    pub fn workers(&self, accounts: &[String]) -> Vec<Worker> {
        accounts
            .iter()
            .map(|id| Worker {
                name: self.names.get(id).cloned(),
                account: id.clone(),
            })
            .collect()
    }
}

/// Sangkats by their codes, with their names where the gazetteer has them.
pub fn places(codes: &[String]) -> Vec<Sangkat> {
    codes.iter().map(|code| place(code)).collect()
}

/// One of them.
pub fn place(code: &str) -> Sangkat {
    let known = gazetteer::division(code);
    Sangkat {
        code: code.to_owned(),
        name: known.map(|division| division.en.clone()),
        name_km: known.map(|division| division.km.clone()),
    }
}
