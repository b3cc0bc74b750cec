//! What the pages for signing in say, in both languages at once: nobody has chosen one yet.

use maud::{Markup, html};

/// One text in both languages.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Khmer.
    pub km: &'static str,
    /// English.
    pub en: &'static str,
}

const fn text(km: &'static str, en: &'static str) -> Text {
    Text { km, en }
}

impl Text {
    /// Both on one line: for labels and buttons.
    pub fn label(self) -> Markup {
        html! { span lang="km" { (self.km) } " " span lang="en" { (self.en) } }
    }

    /// Both as paragraphs.
    pub fn paragraphs(self) -> Markup {
        html! { p lang="km" { (self.km) } p lang="en" { (self.en) } }
    }

    /// Both as what has to be noticed.
    pub fn alert(self) -> Markup {
        html! {
            p.note lang="km" role="alert" { (self.km) }
            p.note lang="en" role="alert" { (self.en) }
        }
    }
}

pub const SIGN_IN: Text = text("ចូល", "Sign in");
pub const SIGN_OUT: Text = text("ចេញ", "Sign out");
pub const EXPLANATION: Text = text(
    "ផែនទីនេះសម្រាប់ក្រុម។ សូមបញ្ចូលឈ្មោះ និងពាក្យសម្ងាត់របស់អ្នក។",
    "This is for the team. Enter your name and your password.",
);
pub const NAME: Text = text("ឈ្មោះ", "Name");
pub const PASSWORD: Text = text("ពាក្យសម្ងាត់", "Password");
pub const CODE: Text = text(
    "លេខកូដ ៦ ខ្ទង់ ពីកម្មវិធីក្នុងទូរសព្ទ (បើមាន)",
    "Six digits of your authenticator app, if you use one",
);
pub const CODE_NOW: Text = text(
    "លេខកូដ ៦ ខ្ទង់ ដែលកម្មវិធីបង្ហាញឥឡូវនេះ",
    "The six digits that the app shows now",
);
pub const WITH_KEY: Text = text("ចូលដោយប្រើសោ (key) របស់ក្រុម", "Sign in with a key of the team");
pub const KEY: Text = text("សោ (key)", "Key");
pub const WRONG_KEY: Text = text(
    "សោ (key) នេះមិនត្រឹមត្រូវ ឬត្រូវបានដកចេញហើយ។",
    "This key is not valid, or has been revoked.",
);
pub const WRONG: Text = text(
    "ឈ្មោះ ពាក្យសម្ងាត់ ឬលេខកូដ មិនត្រឹមត្រូវ។ បើភ្លេច សូមសុំតំណថ្មីពីអ្នកគ្រប់គ្រង។",
    "The name, the password or the code is wrong. If you have forgotten them, ask your administrator for a new link.",
);
pub const CODE_NEEDED: Text = text(
    "សូមបញ្ចូលលេខកូដ ៦ ខ្ទង់ ដែលកម្មវិធីក្នុងទូរសព្ទបង្ហាញឥឡូវនេះ។",
    "Enter the six digits that your authenticator app shows now, and your password again.",
);
pub const CODES_MISSING: Text = text(
    "តួនាទីរបស់អ្នកត្រូវការលេខកូដពីកម្មវិធីក្នុងទូរសព្ទ។ សូមសុំតំណថ្មីពីអ្នកគ្រប់គ្រង។",
    "Your role now needs codes from an authenticator app. Ask your administrator for a new link.",
);
pub const OFTEN: Text = text(
    "ព្យាយាមច្រើនដងពេក។ សូមរង់ចាំបន្តិច រួចសាកម្ដងទៀត។",
    "Too many attempts. Wait a minute, then try again.",
);
pub const IS_IN: Text = text("អ្នកបានចូលហើយ។", "You are signed in.");
pub const MAP: Text = text("ផែនទី", "Map");
pub const DESK: Text = text("តុការងារ", "Desk");
pub const PUBLIC_DATA: Text = text("ទិន្នន័យជាសាធារណៈ", "Data that everybody may see");
pub const NO_RIGHT: Text = text(
    "គណនីរបស់អ្នកគ្មានសិទ្ធិមើលផែនទីទេ។ សូមសួរអ្នកគ្រប់គ្រង។",
    "Your account has no right to the map. Ask your administrator if it should.",
);

pub const WELCOME: Text = text("សូមស្វាគមន៍", "Welcome");
pub const CHOOSE: Text = text(
    "សូមជ្រើសរើសពាក្យសម្ងាត់ យ៉ាងតិច ១០ តួអក្សរ។ ពាក្យច្រើនងាយចាំ។",
    "Choose a password of at least ten characters. Several words are easy to remember.",
);
pub const NEW_PASSWORD: Text = text("ពាក្យសម្ងាត់ថ្មី", "New password");
pub const AGAIN: Text = text("ពាក្យសម្ងាត់ម្ដងទៀត", "The password again");
pub const SCAN: Text = text(
    "ស្កេនកូដ QR នេះដោយកម្មវិធីលេខកូដ (authenticator) ក្នុងទូរសព្ទ ឬបញ្ចូលអក្សរខាងក្រោម។",
    "Scan this with an authenticator app on your phone, or type the letters below into it.",
);
pub const CONTINUE: Text = text("បន្ត", "Continue");
pub const SHORT: Text = text(
    "ពាក្យសម្ងាត់ត្រូវមានយ៉ាងតិច ១០ តួអក្សរ។",
    "The password needs at least ten characters.",
);
pub const LONG: Text = text("ពាក្យសម្ងាត់វែងពេក។", "The password is too long.");
pub const COMMON: Text = text(
    "មនុស្សច្រើនប្រើពាក្យសម្ងាត់នេះ។ សូមជ្រើសរើសមួយទៀត។",
    "Many people use this password, so it is tried first. Choose another one.",
);
pub const NEAR_NAME: Text = text(
    "ពាក្យសម្ងាត់នេះដូចឈ្មោះអ្នកពេក។ សូមជ្រើសរើសមួយទៀត។",
    "This password is too close to your name. Choose another one.",
);
pub const DIFFERENT: Text = text("ពាក្យសម្ងាត់ទាំងពីរមិនដូចគ្នា។", "The two passwords are not the same.");
pub const WRONG_CODE: Text = text(
    "លេខកូដមិនត្រឹមត្រូវ។ សូមពិនិត្យម៉ោងក្នុងទូរសព្ទ រួចព្យាយាមម្ដងទៀត។",
    "The code is wrong. See that the phone's clock is right, then try again.",
);
pub const BAD_LINK: Text = text(
    "តំណនេះបានប្រើរួច ឬផុតកំណត់ហើយ។ សូមសុំតំណថ្មីពីអ្នកគ្រប់គ្រង។",
    "This link has been used or is too old. Ask your administrator for a new one.",
);

pub const ACCOUNT: Text = text("គណនី", "Account");
pub const ROLES: Text = text("តួនាទី", "Roles");
pub const TEAMS: Text = text("ក្រុម", "Teams");
pub const SIGNED_IN_AT: Text = text("កន្លែងដែលអ្នកបានចូល", "Where you are signed in");
pub const BROWSER: Text = text("កម្មវិធីរុករក", "Browser");
pub const SINCE: Text = text("តាំងពី", "Since");
pub const LAST_USED: Text = text("ប្រើចុងក្រោយ", "Last used");
pub const THIS_ONE: Text = text("កន្លែងនេះ", "This one");
pub const EVERYWHERE: Text = text("ចេញពីគ្រប់កន្លែង", "Sign out everywhere");

pub const FIELD_APP: Text = text("កម្មវិធីសម្រាប់ការងារចុះមូលដ្ឋាន", "Field app");
pub const PHONES: Text = text("ទូរសព្ទ", "Phones");
pub const ADD_PHONE: Text = text("បន្ថែមទូរសព្ទថ្មី", "Add a phone");
pub const WORKER: Text = text("អ្នកប្រើប្រាស់", "Worker");
pub const SHOW_QR: Text = text("បង្ហាញកូដ QR", "Show the QR code");
pub const SCAN_TO_ENROL: Text = text(
    "ស្កេនកូដ QR នេះដោយកាមេរ៉ារបស់ទូរសព្ទ។ កូដនេះប្រើបានតែម្ដង។",
    "Scan this with the phone's camera. It adds one phone and works once.",
);
pub const VALID_UNTIL: Text = text("ផុតកំណត់នៅ", "Works until");
pub const OR_TYPE: Text = text(
    "ឬបើកអាសយដ្ឋាននេះក្នុងទូរសព្ទ រួចបញ្ចូលលេខកូដ។",
    "Or open this address on the phone and enter the code.",
);
pub const NOT_HTTPS: Text = text(
    "អាសយដ្ឋាននេះមិនមែនជា https ទេ៖ ទូរសព្ទនឹងបដិសេធកាមេរ៉ា ទីតាំង និងការប្រើដោយគ្មានអ៊ីនធឺណិត។ សូមសួរអ្នកគ្រប់គ្រង។",
    "This address is not https: a phone refuses it the camera, the position and work without network. Whoever runs the server can change that.",
);
pub const LAST_CONTACT: Text = text("បានភ្ជាប់ចុងក្រោយ", "Last contact");
pub const STATE: Text = text("ស្ថានភាព", "State");
pub const LEASE_OVER: Text = text(
    "ផុតកំណត់៖ មិនបង្ហាញអ្វីទេ រហូតដល់ភ្ជាប់ម្ដងទៀត",
    "Shows nothing until its next contact",
);
pub const REVOKE: Text = text("ដកសិទ្ធិ", "Revoke");
pub const REVOKED: Text = text("បានដកសិទ្ធិ", "Revoked");
pub const WHY: Text = text("ហេតុផល", "Why");
pub const REVOKING: Text = text(
    "ទូរសព្ទដែលបានដកសិទ្ធិ មិនអាចភ្ជាប់ម៉ាស៊ីនមេទៀតទេ។ អ្វីដែលបានកត់ត្រាក្នុងទូរសព្ទមិនបាត់ទេ។",
    "A phone that is revoked is refused from now on. What it has recorded and not sent stays on it. Name no person in the reason.",
);
pub const NO_PHONES: Text = text("មិនទាន់មានទូរសព្ទ។", "No phone has been added yet.");
pub const NO_WORKERS: Text = text(
    "មិនទាន់មានគណនីសម្រាប់ការងារចុះមូលដ្ឋានក្នុងក្រុមរបស់អ្នកទេ។ សូមសួរអ្នកគ្រប់គ្រង។",
    "Your team has no account for field work yet. An administrator makes them: phteah account add NAME --role field-worker --team TEAM.",
);
pub const NOT_BUILT: Text = text(
    "កម្មវិធីនេះមិនមាននៅក្នុងម៉ាស៊ីនមេនេះទេ។ សូមសួរអ្នកគ្រប់គ្រង។",
    "The field app is not part of this build of the program. Whoever runs the server can add it: \"make web\", then build again.",
);

pub const CHANGE_PASSWORD: Text = text("ផ្លាស់ប្ដូរពាក្យសម្ងាត់", "Change the password");
pub const CURRENT_PASSWORD: Text = text("ពាក្យសម្ងាត់បច្ចុប្បន្ន", "Password of today");
pub const CHANGING: Text = text(
    "សូមជ្រើសរើសពាក្យសម្ងាត់ថ្មី យ៉ាងតិច ១០ តួអក្សរ។ អ្នកនឹងចេញពីកន្លែងផ្សេងទៀតទាំងអស់។",
    "Choose a new password of at least ten characters. You are signed out everywhere else. Codes of your authenticator app go on as before.",
);
pub const WRONG_CURRENT: Text = text("ពាក្យសម្ងាត់បច្ចុប្បន្នមិនត្រឹមត្រូវ។", "The password of today is wrong.");
