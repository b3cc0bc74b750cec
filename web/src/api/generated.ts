/** Generated from the server's OpenAPI description by `npm run api-types`; do not edit. */
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description How far two methods agree. */
    Agreement: {
      /** @description One method. */
      a: string;
      /** @description The other. */
      b: string;
      /**
       * Format: double
       * @description Kendall's τ-b: 1 the same order, −1 the reverse; null where it is not defined.
       */
      tau?: number | null;
    };
    /** @description Where the phone's team works. */
    AreaSetup: {
      /** @description Whether it is all of the deployment. */
      everywhere: boolean;
      /** @description Codes of the sangkats, where it is not. The fact `dwelling.sangkat` of a household holds such a code. */
      sangkats: string[];
      /** @description Changes with the rest of it. */
      version: string;
    };
    /** @description A row of the audit. */
    AuditRow: {
      /** @description When. */
      at: string;
      /** @description Who. */
      by: components["schemas"]["Author"];
      /** @description From what to what. */
      detail: string;
      /** @description What. */
      what: string;
      /** @description Why. */
      why: string;
    };
    /** @description Who has read and changed a household, the newest first. */
    AuditRows: {
      /** @description The rows. */
      rows: components["schemas"]["AuditRow"][];
    };
    /** @description Who did something. */
    Author: {
      /** @description The account. */
      account?: string | null;
      /** @description By phone, as opposed to at the desk. */
      by_phone: boolean;
      /** @description By a program at the server. */
      by_program: boolean;
      /** @description The person's name; null where the person belongs to another team. */
      name?: string | null;
    };
    /** @description A consent. */
    CaseConsent: {
      /** @description For what. */
      purpose: string;
      /** @description Who wrote it down last. */
      said: components["schemas"]["CaseSaid"][];
      /** @description `unknown`, `given`, `withdrawn` or `in_conflict`. */
      state: string;
    };
    /** @description An event of the story. */
    CaseEvent: {
      /** @description `holds`, `replaced`, `kept` or `inherited`. */
      effect: string;
      /** @description Its id. */
      event: string;
      /** @description The facts that it set. */
      facts: Record<string, never>;
      /** @description Photos and sound. */
      files: number;
      /** @description The form and its version. */
      form?: string | null;
      /** @description The record that it was written to, where that is not this one. */
      household?: string | null;
      /** @description Its kind. */
      kind: string;
      /** @description Degrees and metres: east, north, accuracy. */
      location?: number[] | null;
      /** @description What is strange about it. */
      marks: string[];
      /** @description What its kind tells: `site`, `plot`, `reason`, `service`, `to`, `answer`, `note`, `last_there`, `first_gone`, `decision`, `purposes`. */
      more: Record<string, never>;
      /** @description Who and when. */
      said: components["schemas"]["CaseSaid"];
    };
    /** @description A fact with all its values that nothing came after. */
    CaseFact: {
      /** @description Its path. */
      path: string;
      /** @description Its values: more than one is a conflict. */
      values: components["schemas"]["CaseValue"][];
    };
    /** @description A member of the household. */
    CaseMember: {
      /** @description The facts: their names without the member's id. */
      facts: components["schemas"]["CaseFact"][];
      /** @description The member's id. */
      id: string;
    };
    /** @description Something for the coordinator. */
    CaseQuestion: {
      /**
       * Format: int32
       * @description Months after the move, of a visit.
       */
      months?: number | null;
      /** @description `not_found_twice`, `visit_escalated` or `referral_silent`. */
      question: string;
    };
    /** @description A referral. */
    CaseReferral: {
      /** @description `given` with this referral, `withdrawn` since, or `unknown`: nobody recorded it. A consent for anything else is none for this. */
      consent: string;
      /** @description The event. */
      event: string;
      /** @description The day. */
      on: string;
      /** @description What for. */
      reason?: string | null;
      /** @description The service. */
      service: string;
      /** @description `sent`, `escalated`, `accepted`, `refused`, `done`, `no_show`, `other` or `in_conflict`. */
      standing: string;
      /** @description Whom the family was sent to. */
      to?: string | null;
      /** @description Facts that the family agreed to have told to this service; null where nobody recorded that it agreed to anything. */
      told?: string[] | null;
    };
    /** @description Who said something, and when. */
    CaseSaid: {
      /** @description Who. */
      author: components["schemas"]["Author"];
      /** @description The event. */
      event: string;
      /** @description The day on which it happened. */
      on: string;
      /** @description When the server received it. */
      received_at?: string | null;
      /** @description When it was written down, by the device's clock. */
      recorded_at: string;
    };
    /** @description A record that may be of the same family. */
    CaseTwin: {
      /** @description The code on its card. */
      code?: string | null;
      /** @description The record. */
      id: string;
      /** @description The day on which something happened last. */
      last_on: string;
      /** @description Its head's name. */
      names: components["schemas"]["Names"];
      /** @description Where it lives. */
      places: components["schemas"]["Sangkat"][];
      /** @description Why: `same_member`, `same_tag`, `same_name`, `similar_name`, `same_age`, `second_name`, `same_place`. */
      reasons: string[];
      /**
       * Format: double
       * @description From 0 to 1: a judgement for putting in order.
       */
      score: number;
      /**
       * Format: int32
       * @description How many people; null where nobody said.
       */
      size?: number | null;
      /** @description Where it stands. */
      status: string;
    };
    /** @description A value of a fact, and who says it. */
    CaseValue: {
      /** @description Who says it. */
      said: components["schemas"]["CaseSaid"][];
      /** @description The value. */
      value: unknown;
    };
    /** @description A visit of the schedule. */
    CaseVisit: {
      /** @description Attempts without success. */
      attempts: number;
      /** @description The first day of its window. */
      from: string;
      /** @description The day on which it was made. */
      made_on?: string | null;
      /**
       * Format: int32
       * @description Months after the move.
       */
      months: number;
      /** @description The day that it is meant for. */
      on: string;
      /** @description `upcoming`, `due`, `overdue`, `escalated`, `missed`, `done` or `not_needed`. */
      standing: string;
      /** @description The last day. */
      until: string;
    };
    /** @description What has changed for a device. */
    ChangesAnswer: {
      /** @description Names of the people of the phone's own team who recorded them, by the events' ids. Of others no name is told. */
      authors: {
        [key: string]: string;
      };
      /** @description Events, each as it was stored. */
      events: Record<string, never>[];
      /** @description Households that the device must forget; events that it has not sent yet it keeps and sends. */
      households_to_forget: string[];
      /** @description Whether there is more to be had at once. */
      more: boolean;
      /**
       * Format: int64
       * @description The number to ask with next.
       */
      next: number;
      /** @description The server's time, as RFC 3339. */
      server_time: string;
    };
    /** @description What is told of a phone's clock. */
    ClockNote: {
      /** @description A sentence for people. */
      message: string;
      /**
       * Format: int64
       * @description How many seconds the phone's clock is ahead of the server's.
       */
      offset_s: number;
    };
    /** @description One criterion over the compared sites. */
    ComparedCriterion: {
      /** @description Ids of the sites with the greatest value; all of them where they are equal, none where nothing is known. */
      best: string[];
      /** @description Its id. */
      id: string;
      /**
       * Format: double
       * @description How much of the score lies between the best and the worst of them; null where fewer than two are known.
       */
      spread?: number | null;
    };
    /** @description A few sites side by side. */
    Comparison: {
      /** @description Every criterion, in the scenario's order. */
      criteria: components["schemas"]["ComparedCriterion"][];
      /** @description Every two of them. */
      pairs: components["schemas"]["Pair"][];
      /** @description Per site: true where no ranked site is at least as good in everything and better in something; null where it has no rank. */
      pareto: {
        [key: string]: boolean | null;
      };
      /** @description Their ids, as asked for. */
      sites: string[];
    };
    /** @description Counting families anew. */
    CountsAsk: {
      /** @description Why, for the audit, on one line. */
      why?: string;
    };
    /** @description A criterion. */
    Criterion: {
      /** @description `max` where more is better, else `min`. */
      goal: string;
      /** @description Its id. */
      id: string;
      /** @description The value function in words. */
      in_words: components["schemas"]["Text"];
      /** @description For people. */
      label: components["schemas"]["Text"];
      /** @description What is measured. */
      measure: Record<string, never>;
      /** @description Unit of its raw numbers. */
      unit: string;
      /** @description The value function. */
      value: Record<string, never>;
      /**
       * Format: double
       * @description Share of the whole, 0 to 1.
       */
      weight: number;
    };
    /** @description What needs somebody today. Of each list at most 200, the most urgent first, with the number of all. */
    Day: {
      /** @description Households whose events do not agree. */
      conflicts: components["schemas"]["DayNamed"][];
      /** @description How many. */
      conflicts_all: number;
      /** @description Five surveys or more of one worker on one day at one spot. */
      crowds: components["schemas"]["DayCrowd"][];
      /** @description The day in Cambodia. */
      date: string;
      /** @description Visits that are due and not late. */
      due: number;
      /** @description All households that the person may know of; records that go on in another one are not counted. */
      households: number;
      /** @description Three surveys or more of one worker on one day within two minutes of the one before. */
      hurries: components["schemas"]["DayCrowd"][];
      /** @description Looked for on two days and not met since. */
      not_found: components["schemas"]["DayNamed"][];
      /** @description How many. */
      not_found_all: number;
      /** @description Households recorded outside the country. */
      outside: components["schemas"]["DayNamed"][];
      /** @description Visits that are late. */
      overdue: number;
      /** @description Phones without contact for a week. */
      phones: components["schemas"]["DayPhone"][];
      /** @description Events that wait in quarantine; 500 stands for as many or more. */
      quarantine: number;
      reading?: components["schemas"]["Reading"] | null;
      /** @description Households with a referral that has been silent for more than 14 days. */
      silent: components["schemas"]["DaySilent"][];
      /** @description How many. */
      silent_all: number;
      /** @description Records that may be of one family. */
      twins: components["schemas"]["DayTwins"][];
      /** @description How many such groups. */
      twins_all: number;
      /** @description Both, late ones first. */
      visits: components["schemas"]["DayDue"][];
    };
    /** @description Surveys of one worker on one day that look wrong. */
    DayCrowd: {
      /** @description Whose. */
      by: components["schemas"]["Author"];
      /** @description The first twenty. */
      households: string[];
      /** @description The day. */
      on: string;
      /** @description How many. */
      surveys: number;
    };
    /** @description A visit to be made. */
    DayDue: {
      /** @description The household. */
      id: string;
      /**
       * Format: int32
       * @description Months after the move.
       */
      months: number;
      /** @description Its name. */
      names: components["schemas"]["Names"];
      /** @description Looked for on two days and not met since. */
      not_found_twice: boolean;
      /** @description The site. */
      site?: string | null;
      /** @description `due`, `overdue` or `escalated`. */
      standing: string;
      /** @description The last day of the window. */
      until: string;
    };
    /** @description A household by name. */
    DayNamed: {
      /** @description How many, where something is counted. */
      count?: number | null;
      /** @description The household. */
      id: string;
      /** @description Its name. */
      names: components["schemas"]["Names"];
    };
    /** @description A phone that has not been in contact for a week. */
    DayPhone: {
      /** @description Whether that is over. */
      lease_over: boolean;
      /** @description Until when it may show what it has. */
      lease_until: string;
      /** @description What its worker calls it. */
      name: string;
      /** @description When it was last in contact. */
      seen_at: string;
      /** @description Whose. */
      worker: string;
    };
    /** @description A household whose oldest referral has had no answer for too long. */
    DaySilent: {
      /**
       * Format: int32
       * @description Days without an answer.
       */
      days: number;
      /** @description The referral. */
      event: string;
      /** @description The household. */
      id: string;
      /** @description Its name. */
      names: components["schemas"]["Names"];
      /** @description The day. */
      on: string;
      /** @description The service. */
      service: string;
    };
    /** @description Records that may be of one family. */
    DayTwins: {
      /** @description The records. */
      households: string[];
      /** @description The name that they share. */
      names: components["schemas"]["Names"];
    };
    /** @description The decisions. */
    DecisionList: {
      /** @description The newest first. */
      decisions: components["schemas"]["DecisionSummary"][];
    };
    /** @description A site of a decision. */
    DecisionSite: {
      /**
       * Format: int32
       * @description Households that find room.
       */
      capacity: number;
      /** @description Its id. */
      id: string;
      /** @description What people call it. */
      name: components["schemas"]["Text"];
      /**
       * Format: int32
       * @description Its rank in the decision.
       */
      rank?: number | null;
      /**
       * Format: int32
       * @description Places that are offered or taken.
       */
      taken: number;
    };
    /** @description A decision to place families by. */
    DecisionSummary: {
      /** @description Its seal. */
      id: string;
      /** @description Whether the layers have changed since: measures are those of today. */
      layers_changed: boolean;
      /** @description Why its sites cannot be worked out now; null where they can. */
      problem?: string | null;
      /** @description Its sites, the best first. */
      sites: components["schemas"]["DecisionSite"][];
      /** @description The scenario's title. */
      title: components["schemas"]["Text"];
      /** @description When it was decided. */
      when: string;
    };
    /** @description What this deployment is about. */
    Deployment: {
      /** @description West, south, east, north in degrees (WGS 84): the layers' common box, or the deployment's extent where there is no layer. */
      bounds: number[];
      /**
       * @description The projected CRS in which everything is measured.
       * @example EPSG:32648
       */
      crs: string;
      /** @description Whether any layer is generated: every screen and every export must say so. */
      illustrative: boolean;
      /**
       * @description Whether who asks has signed in, and can sign out again by `POST /sign-out`. False where the map asks for no key, or a key came with the
       *     request.
       */
      signed_in: boolean;
      /** @description Shown on every screen. */
      title: components["schemas"]["Text"];
      /** @description The program's version. */
      version: string;
    };
    /** @description What came back. */
    DeskAnswer: {
      /** @description When, as the device has it. */
      at: string;
      /** @description Who found it out. */
      by: components["schemas"]["Author"];
      /** @description The answers to the questions of a form, by their paths. */
      facts: Record<string, never>;
      /** @description Photos and sounds, by their SHA-256. */
      files: string[];
      /** @description In words, where it was written down in words. */
      text?: string | null;
    };
    /** @description The counts that releases are taken from. */
    DeskCounts: {
      /** @description The day on which families were counted. */
      day: string;
      /** @description Those that cannot. */
      left_out: components["schemas"]["LeftOutTable"][];
      /** @description When and by whom. */
      made: components["schemas"]["ReleaseBy"];
      /** @description The tables that can be told. */
      tables: string[];
      /**
       * Format: int64
       * @description The least number that is told.
       */
      threshold: number;
    };
    /** @description A release. In the list without its tables. */
    DeskRelease: {
      /** @description How many cells of its tables are not told as 0. 0 in the list. */
      cells: number;
      /** @description How many of them are hidden. */
      cells_hidden: number;
      confirmed?: components["schemas"]["ReleaseBy"] | null;
      /** @description The day on which families were counted. */
      day: string;
      /** @description Nobody in it exists. */
      illustrative: boolean;
      /** @description The layers that hold its tables now. */
      layers: components["schemas"]["ReleaseLayer"][];
      /** @description Tables that were asked for and cannot be told. */
      left_out: components["schemas"]["LeftOutTable"][];
      /**
       * Format: int64
       * @description Its number.
       */
      number: number;
      /** @description Prepared, it can be confirmed no more: another one was confirmed since, or the threshold was raised. It is prepared anew. */
      overtaken: boolean;
      /** @description Who prepared it. */
      prepared: components["schemas"]["ReleaseBy"];
      /** @description Who took which of its tables, from the log. */
      readers: components["schemas"]["ReleaseReader"][];
      /** @description SHA-256 of what readers get. */
      sha256: string;
      /** @description `prepared`, `discarded`, `confirmed` or `withdrawn`. */
      state: string;
      /** @description Its tables. */
      tables: components["schemas"]["ReleaseTableCost"][];
      /**
       * Format: int64
       * @description The least number that is told.
       */
      threshold: number;
      withdrawn?: components["schemas"]["ReleaseBy"] | null;
    };
    /** @description Releases, and what can be released. */
    DeskReleases: {
      counts?: components["schemas"]["DeskCounts"] | null;
      /** @description The newest first. */
      releases: components["schemas"]["DeskRelease"][];
      /** @description The tables of this deployment. */
      tables: components["schemas"]["ReleaseTableAbout"][];
      /** @description What is wrong with their files; nothing can be prepared then. */
      tables_problem?: string | null;
      /**
       * Format: int64
       * @description The least number that is told.
       */
      threshold: number;
      worked?: components["schemas"]["ReleaseWorkEnded"] | null;
      working?: components["schemas"]["ReleaseWork"] | null;
    };
    /** @description What the page needs once. */
    DeskSetup: {
      /** @description The person's account. */
      account: string;
      /** @description Sangkats of the person's area. */
      areas: components["schemas"]["Sangkat"][];
      /** @description Whether all layers are illustrative. */
      illustrative: boolean;
      /** @description May ask field teams to find something out. */
      may_ask: boolean;
      /** @description May offer, place, merge, decide about quarantine. */
      may_decide: boolean;
      /** @description May hide a household that is in the own hands. */
      may_hide: boolean;
      /** @description May read households. */
      may_read: boolean;
      /** @description May record events. */
      may_record: boolean;
      /** @description May prepare releases, and confirm what somebody else has prepared. */
      may_release: boolean;
      /** @description May see phones. */
      may_see_phones: boolean;
      /** @description May see the planner's map. */
      may_see_plans: boolean;
      /** @description People of the team to whom households are given. */
      members: components["schemas"]["Member"][];
      /** @description The person's name. */
      name: string;
      /** @description The person's roles. */
      roles: string[];
      /** @description Sites of decisions. */
      sites: components["schemas"]["SiteName"][];
      /** @description The person's teams. */
      teams: string[];
      /** @description The day in Cambodia. */
      today: string;
    };
    /** @description A task at the desk. */
    DeskTask: {
      /** @description What came back, the newest first; all of it is kept, and the newest counts. */
      answers: components["schemas"]["DeskAnswer"][];
      /** @description When. */
      asked_at: string;
      /** @description Who asked. */
      asked_by: components["schemas"]["Author"];
      /** @description Until when. */
      due?: string | null;
      /** @description Its id. */
      id: string;
      /** @description What was asked. */
      question: string;
      site?: components["schemas"]["TaskPlace"] | null;
    };
    /** @description Tasks at the desk. */
    DeskTasks: {
      /** @description The newest first. */
      tasks: components["schemas"]["DeskTask"][];
    };
    /** @description One thing that is wrong, and where. */
    Detail: {
      /** @description Path of the field, such as `criterion[2].value.worst`, counted from 0. */
      field: string;
      /** @description What is wrong with it and what would be right. */
      message: string;
      said?: components["schemas"]["Said"] | null;
    };
    /** @description A site drawn by hand. */
    DrawnRequest: {
      /** @description Ids of one to three sites of the ranking to hold the drawn one against; none where it is absent. */
      compare?: string[];
      /** @description What to call it. */
      name?: string | null;
      /** @description `GeoJSON` Polygon in degrees (WGS 84). */
      polygon: Record<string, never>;
      /**
       * Format: double
       * @description Its price in US$ per m²; absent or null takes that of the parcels under it.
       */
      price_usd_m2?: number | null;
      /** @description Its tenure, such as `hard_title`; absent or null takes that of the parcels under it. */
      tenure?: string | null;
    };
    /** @description A drawn site, measured and ranked among the others; nothing is kept of it. */
    DrawnSite: {
      comparison?: components["schemas"]["Comparison"] | null;
      /** @description Flood depths, as for other sites. */
      flood: components["schemas"]["Flood"];
      /** @description How many are ranked, itself included. */
      of: number;
      /**
       * Format: int32
       * @description Its rank among the ranked; null where it has none.
       */
      rank?: number | null;
      /** @description Ways from it, as for other sites. */
      routes: components["schemas"]["Route"][];
      /** @description The site, id `drawn`. */
      site: components["schemas"]["SiteDetail"];
      /** @description What a planner should know of it. */
      warnings: components["schemas"]["Warning"][];
    };
    /** @description A phone that was enrolled. */
    EnrolAnswer: {
      /** @description Id of the phone. */
      device: string;
      /** @description Until when the phone may show what it has without contact, as RFC 3339; each contact renews it. */
      lease_until: string;
      /** @description The server's time, as RFC 3339. */
      server_time: string;
      /** @description The team that it works for. */
      team: components["schemas"]["Named"];
      /** @description What proves the phone from now on, sent as `Authorization: Bearer TOKEN`. Shown this once. */
      token: string;
      /** @description Its worker. */
      worker: components["schemas"]["Named"];
    };
    /** @description A phone that wants to be enrolled. */
    EnrolRequest: {
      /** @description The code, as the worker was given it. Neither case nor hyphens matter. */
      code: string;
      /** @description What the worker calls the phone, at most 100 bytes. */
      device_name: string;
    };
    /** @description The body of every error. */
    ErrorBody: {
      /** @description The error. */
      error: components["schemas"]["ErrorContent"];
    };
    /** @description What went wrong. */
    ErrorContent: {
      /**
       * @description Stable, for programs.
       * @enum {string}
       */
      code:
        | "bad_parameter"
        | "bad_key"
        | "sign_in"
        | "no_right"
        | "bad_code"
        | "device_revoked"
        | "batch_too_large"
        | "unknown_number"
        | "registry_unavailable"
        | "storage_full"
        | "database_unavailable"
        | "bad_upload"
        | "file_too_large"
        | "wrong_length"
        | "wrong_offset"
        | "hash_differs"
        | "not_an_image"
        | "too_many_files"
        | "release_not_safe"
        | "release_stale"
        | "release_overtaken"
        | "release_too_little_changed"
        | "release_busy"
        | "wrong_host"
        | "wrong_origin"
        | "too_often"
        | "too_many_downloads"
        | "search_too_long"
        | "no_such_range"
        | "not_acceptable"
        | "bad_json"
        | "bad_scenario"
        | "cannot_rank"
        | "bad_record"
        | "bad_plots"
        | "say_over_what"
        | "layers_changed"
        | "outside_the_world"
        | "not_found"
        | "method_not_allowed"
        | "too_large"
        | "not_json"
        | "timeout"
        | "given_up"
        | "overloaded"
        | "internal"
        | "built_in"
        | "too_many"
        | "name_taken"
        | "changed_meanwhile"
        | "no_such_layer"
        | "layer_unavailable"
        | "no_such_ranking"
        | "no_such_site"
        | "no_such_scenario"
        | "no_such_feature"
        | "no_such_format"
        | "no_such_version"
        | "bad_polygon"
        | "drawn_outside"
        | "drawn_crossing"
        | "drawn_too_small"
        | "drawn_too_large"
        | "drawn_nothing_left";
      /** @description Every single thing that is wrong with the request, where that is the matter. */
      details: components["schemas"]["Detail"][];
      /** @description A sentence for people. */
      message: string;
      /** @description Finds the request in the server's log. */
      request_id: string;
    };
    /** @description A batch of events. */
    EventBatch: {
      /** @description The device's clock when it sends, as RFC 3339: the server measures by it how wrong the clock is. */
      device_time?: string | null;
      /** @description At most 500 events, each as it was made on the device. What the server does not know in them is kept and passed on. */
      events: Record<string, never>[];
    };
    /** @description The answer to one event. Whoever holds it may forget the event: it is durable here. */
    EventReceipt: {
      /** @description The first of the notes: why it lies in quarantine, or what is strange about it. */
      code?: string | null;
      /** @description Facts of the household that several events now set differently, by their paths. */
      conflicts?: string[];
      /** @description The event's id as it came; null where none could be read. */
      id?: string | null;
      /** @description The same as a sentence. */
      message?: string | null;
      /** @description All notes, where there are several. */
      notes?: components["schemas"]["ReceiptNote"][];
      /**
       * Format: int64
       * @description Its number, where it is stored.
       */
      seq?: number | null;
      /** @description `stored`; `duplicate`: the same event is stored already; `quarantined`: it is kept, and counts for nothing until a coordinator releases it. */
      status: string;
    };
    /** @description What became of an event. */
    EventResult: {
      /** @description Stable, for programs: why it was refused, or what is strange about it. */
      code?: string | null;
      /** @description Facts that several events now set differently. */
      conflicts: string[];
      /** @description The event, where its id could be read. */
      event?: string | null;
      /** @description The household, where it could be read. */
      household?: string | null;
      /** @description The same as a sentence. */
      message?: string | null;
      /** @description `stored`, `duplicate` or `refused`. */
      status: string;
    };
    /** @description What became of the events, in their order. */
    EventResults: {
      /** @description One for each. */
      results: components["schemas"]["EventResult"][];
    };
    /** @description Events to be recorded. */
    EventsRequest: {
      /** @description At most 500 events, each whole, as a phone would send it. An `offered` event names the decision. */
      events: Record<string, never>[];
      /** @description Why, for the audit, on one line. */
      why?: string;
    };
    /** @description An exclusion that does not pass. */
    Exclusion: {
      /** @description `fail` or `unknown`. */
      answer: string;
      /** @description Its id. */
      exclusion: string;
      /** @description Why. */
      text: components["schemas"]["Text"];
    };
    /** @description An exclusion and how many sites it touches. */
    ExclusionTotal: {
      /** @description Sites excluded by it. */
      fails: number;
      /** @description Its id. */
      id: string;
      /** @description Its reason. */
      text: components["schemas"]["Text"];
      /** @description Sites of which it is not known. */
      unknown: number;
    };
    /** @description One fact worth finding out. */
    Fact: {
      /** @description The criterion that is not known; null where an exclusion is open. */
      criterion?: string | null;
      /** @description The exclusion that is open; null where a criterion is not known. */
      exclusion?: string | null;
      /**
       * Format: int32
       * @description Row of the site in the matrix.
       */
      i: number;
      /** @description The site. */
      id: string;
      /** @description What to find out, in words. */
      in_words: components["schemas"]["Text"];
      /**
       * Format: int32
       * @description The worst.
       */
      rank_high?: number | null;
      /**
       * Format: int32
       * @description The best rank that they allow; null where it has none.
       */
      rank_low?: number | null;
      /**
       * Format: double
       * @description The highest.
       */
      score_high: number;
      /**
       * Format: double
       * @description The lowest score that all missing facts of the site allow.
       */
      score_low: number;
      /**
       * Format: double
       * @description How many comparisons with or within the top it is expected to settle.
       */
      settles: number;
      /** @description `unknown`, `unreachable`, `off_network`, or `between` bounds. */
      status: string;
      /**
       * Format: double
       * @description How much of the score it leaves open, 0 to 1.
       */
      width: number;
    };
    /** @description A site for a family. */
    FamilySite: {
      /** @description What speaks against it. */
      bad: components["schemas"]["PlacementReason"][];
      /** @description What speaks for it, the weightiest first. */
      good: components["schemas"]["PlacementReason"][];
      /**
       * Format: double
       * @description How good it is for this family, 0 to 100.
       */
      score: number;
      /** @description The site. */
      site: string;
      /**
       * Format: double
       * @description The share of the score that rests on what is not known.
       */
      unknown_share: number;
    };
    /** @description Sites that households were offered, have accepted or moved to. */
    FamilySites: {
      reading?: components["schemas"]["Reading"] | null;
      /** @description The sites by id. */
      sites: components["schemas"]["SiteFamilies"][];
    };
    /** @description A question; in the language in which it was written. */
    FieldQuestion: {
      /** @description English, or any language in Latin letters. */
      en?: string | null;
      /** @description Khmer. */
      km?: string | null;
    };
    /** @description A task on a phone. */
    FieldTask: {
      /** @description Who asked, as far as the worker may know. */
      asked_by?: string | null;
      /** @description The day. */
      asked_on: string;
      /** @description Until when. */
      due?: string | null;
      /** @description Its id. */
      id: string;
      /** @description What is to be found out, in the language in which it was written. */
      question: components["schemas"]["FieldQuestion"];
      site?: components["schemas"]["TaskPlace"] | null;
    };
    /** @description Tasks on a phone. */
    FieldTasks: {
      /** @description Those that nobody has answered, the newest first. */
      tasks: components["schemas"]["FieldTask"][];
    };
    /** @description What it would cost to give a family its first wish. */
    FirstWishCost: {
      /**
       * Format: double
       * @description The sum of scores would fall by so many points at least.
       */
      at_least: number;
      /**
       * Format: double
       * @description At the most.
       */
      at_most: number;
      /** @description So many families fewer would be placed. */
      families: number;
      /** @description The site. */
      site: string;
    };
    /** @description How deep a site stands under water at every return period that is loaded. */
    Flood: {
      /**
       * Format: double
       * @description Mean depth expected in a year, metres; null where it is not exactly known.
       */
      annual_depth?: number | null;
      /**
       * Format: double
       * @description The greatest.
       */
      annual_highest?: number | null;
      /**
       * Format: double
       * @description The least that it can be; null where a return period is unknown.
       */
      annual_lowest?: number | null;
      /** @description By return period, ascending; of several floods of one period (the river's and the rain's) the worse. */
      depths: components["schemas"]["FloodDepth"][];
      /**
       * Format: double
       * @description The depth in metres over which `deeper_share` counts.
       */
      limit_m: number;
    };
    /** @description How deep a site stands under water at one return period. */
    FloodDepth: {
      /**
       * Format: double
       * @description Share of the known part that is deeper than the limit.
       */
      deeper_share?: number | null;
      /**
       * Format: double
       * @description The greatest.
       */
      highest?: number | null;
      /**
       * Format: double
       * @description Share of the site of which the depth is known.
       */
      known_share: number;
      /**
       * Format: double
       * @description The least that the mean depth of the whole site can be, metres.
       */
      lowest?: number | null;
      /**
       * Format: double
       * @description Depth of the deepest known part, metres.
       */
      max?: number | null;
      /**
       * Format: double
       * @description Mean depth of the known part, metres; null where nothing is known.
       */
      mean?: number | null;
      /**
       * Format: int32
       * @description Years.
       */
      return_period: number;
    };
    /** @description Into whose hands. */
    GiveRequest: {
      /** @description Accounts; none for the whole team. */
      accounts: string[];
      /** @description Why, on one line. */
      why?: string;
    };
    /** @description That the server answers. */
    Health: {
      /** @description `ok`. */
      status: string;
      /** @description The program's version. */
      version: string;
    };
    /** @description What each layer that was asked says about a place. */
    Here: {
      /** @description One answer a layer that has something there; a raster always answers. */
      answers: components["schemas"]["HereLayer"][];
      /**
       * Format: double
       * @description Its latitude.
       */
      lat: number;
      /**
       * Format: double
       * @description Longitude of the place in degrees (WGS 84).
       */
      lon: number;
    };
    /** @description The cell of a raster at a place. */
    HereCell: {
      /**
       * Format: int32
       * @description Annual return period in years, of a flood depth.
       */
      return_period?: number | null;
      /** @description Its unit. */
      unit?: string | null;
      /**
       * Format: double
       * @description The value; null is unknown.
       */
      value?: number | null;
    };
    /** @description A feature at a place. */
    HereFeature: {
      /**
       * Format: double
       * @description How far it lies from the place in metres; 0 for an area that holds it.
       */
      distance_m: number;
      /** @description Its id in its layer. */
      id: string;
      name?: components["schemas"]["Text"] | null;
      /** @description Of a parcel that belongs to no site: `not_available`, `availability_unknown` or `too_small_or_cut_out`. */
      no_site?: string | null;
      /** @description Of a parcel, where a ranking was named: its site. */
      site?: string | null;
      /** @description All its values but its names and what only machines look at. */
      values: components["schemas"]["HereValue"][];
    };
    /** @description What one layer says. */
    HereLayer: {
      cell?: components["schemas"]["HereCell"] | null;
      /** @description Features at the place, nearest first; none for a raster. */
      features: components["schemas"]["HereFeature"][];
      /** @description Generated, not real. */
      illustrative: boolean;
      /** @description The layer's name. */
      layer: string;
      /** @description More features lie there than are listed. */
      more: boolean;
      /** @description What it is used for. */
      role: string;
      /** @description Where it came from; empty where that was not stated. */
      source: string;
      /** @description Its title, for people. */
      title: string;
    };
    /** @description One value of a feature. */
    HereValue: {
      /** @description The field. */
      field: string;
      meaning?: components["schemas"]["Text"] | null;
      says?: components["schemas"]["Text"] | null;
      unit?: components["schemas"]["Text"] | null;
      /** @description The value; null is unknown. */
      value: unknown;
    };
    /** @description Hide or show. */
    HideRequest: {
      /** @description Whether nobody else may know of it. */
      hidden: boolean;
      /** @description Why, on one line. */
      why: string;
    };
    /** @description A household, whole. */
    Household: {
      /** @description Degrees east and north. */
      at?: number[] | null;
      /** @description The code on its card. */
      code?: string | null;
      /** @description What stands in conflict, with both sides. */
      conflicts: components["schemas"]["CaseFact"][];
      /** @description Consents. */
      consents: components["schemas"]["CaseConsent"][];
      /** @description Its story, the newest last. */
      events: components["schemas"]["CaseEvent"][];
      /** @description All other facts. */
      facts: components["schemas"]["CaseFact"][];
      /** @description In whose hands it is. */
      given: components["schemas"]["Worker"][];
      /** @description The events that a new one names in `after`. */
      heads: string[];
      /** @description Nobody but those in whose hands it is may know of it. */
      hidden: boolean;
      /** @description Its id. */
      id: string;
      /** @description Records that may be of the same family, by the rule of the day's list. */
      likely: components["schemas"]["CaseTwin"][];
      /** @description Whether the reader may write protected notes. */
      may_note: boolean;
      /** @description Its people. */
      members: components["schemas"]["CaseMember"][];
      /** @description The record that this one goes on in. */
      merged_into?: string | null;
      /** @description All sangkats that anybody has named for it, by which an answer is read. */
      named_places: components["schemas"]["Sangkat"][];
      /** @description Its head's name. */
      names: components["schemas"]["Names"];
      /** @description What is known of its needs. */
      needs: string[];
      /** @description Protected notes that the reader may not read. */
      notes_withheld: number;
      /** @description The site of the offer that it has not answered yet. */
      offered?: string | null;
      /** @description Where it lives. */
      places: components["schemas"]["Sangkat"][];
      /** @description What to ask the coordinator. */
      questions: components["schemas"]["CaseQuestion"][];
      /** @description Records that are read together with this one. */
      records: string[];
      /** @description Referrals. */
      referrals: components["schemas"]["CaseReferral"][];
      /** @description The site that it was offered, accepted or moved to. */
      site?: string | null;
      /**
       * Format: int64
       * @description How many people.
       */
      size?: number | null;
      /** @description The household that its members came from. */
      split_from: string[];
      /** @description Where it stands; several where they exclude each other. */
      statuses: string[];
      /** @description Those of the reader's own teams that work with it: in whose area it lives, or who recorded it where nobody knows where it lives. */
      teams: string[];
      /** @description Visits that the schedule asks for. */
      visits: components["schemas"]["CaseVisit"][];
      /** @description Events that wait for others which have not come. */
      waiting: number;
    };
    /** @description A page of the list. */
    HouseholdPage: {
      /** @description The households. */
      households: components["schemas"]["ListedHousehold"][];
      /** @description Whether more come after them. */
      more: boolean;
      reading?: components["schemas"]["Reading"] | null;
      /** @description All that the question finds. */
      total: number;
    };
    /** @description A layer that was measured. */
    Input: {
      /** @description Its attribution. */
      attribution: string;
      /** @description Hash of its version. */
      hash: string;
      /** @description Whether it is generated. */
      illustrative: boolean;
      /** @description Its name. */
      layer: string;
      /** @description Its licence. */
      licence: string;
      /** @description Its role. */
      role: string;
    };
    /** @description One layer. */
    Layer: {
      /** @description Attribution that the licence asks for. */
      attribution: string;
      /** @description West, south, east, north in degrees (WGS 84). */
      bounds: number[];
      coverage?: components["schemas"]["LayerCoverage"] | null;
      /** @description CRS in which it is stored. */
      crs: string;
      /**
       * Format: int64
       * @description Number of features; absent for a raster.
       */
      features?: number | null;
      /** @description Attributes, besides `id`. */
      fields: components["schemas"]["LayerField"][];
      /** @description `point`, `line` or `polygon`; absent for a raster. */
      geometry?: string | null;
      /** @description Names this version of the layer as this build of the program encodes it. `/tiles/…?v={hash}` may be kept for ever. */
      hash: string;
      /** @description Generated, not real. */
      illustrative: boolean;
      /** @description When it was imported (RFC 3339). */
      imported_at: string;
      /** @description `vector` or `raster`. */
      kind: string;
      /** @description Licence; empty where none was stated. */
      licence: string;
      /**
       * Format: int32
       * @description Last zoom with tiles of its own.
       */
      max_zoom: number;
      /**
       * Format: int32
       * @description First zoom with tiles.
       */
      min_zoom: number;
      /** @description Its name in addresses. */
      name: string;
      /**
       * Format: int32
       * @description Annual return period in years, of a flood depth.
       */
      return_period?: number | null;
      /**
       * @description What it is used for.
       * @example parcels
       */
      role: string;
      /** @description The file it came from, or what generated it. */
      source: string;
      /** @description For people. */
      title: string;
      /** @description Unit of a raster's cells. */
      unit?: string | null;
    };
    /** @description Where a layer is complete. */
    LayerCoverage: {
      /**
       * @description CRS of the polygon.
       * @example EPSG:32648
       */
      crs: string;
      /**
       * @description How that is known: `given` with the import, the layer's own `extent`, or the `hull` of its features, because nobody said it.
       * @example given
       */
      how: string;
      /** @description The area: parts, rings, positions, as in a GeoJSON `MultiPolygon`. */
      polygon: number[][][][];
    };
    /** @description One attribute. */
    LayerField: {
      /** @description Its name. */
      name: string;
      /** @description `text`, `number`, `integer`, `boolean` or `date`. */
      type: string;
      /** @description Unit of its numbers. */
      unit?: string | null;
    };
    /** @description All layers. */
    LayerList: {
      /** @description By name. */
      layers: components["schemas"]["Layer"][];
    };
    /** @description A criterion in which one site leads. */
    LeadBy: {
      /** @description The criterion's id. */
      criterion: string;
      /**
       * Format: double
       * @description By how much of the score.
       */
      difference: number;
    };
    /** @description A table that cannot be told. */
    LeftOutTable: {
      /** @description Its id. */
      id: string;
      /** @description Why, and what can be done. */
      why: string;
    };
    /** @description How much may be sent and asked for at once. */
    LimitsSetup: {
      /** @description Events that one answer gives. */
      changes: number;
      /** @description Events of a batch. */
      events: number;
      /** @description Bytes of a batch. */
      events_bytes: number;
      /**
       * Format: int64
       * @description Bytes of a file.
       */
      file_bytes: number;
      /** @description Bytes of a piece of a file. */
      piece_bytes: number;
    };
    /** @description Which households. What is left out asks for nothing. */
    ListRequest: {
      /**
       * @description The last household of the page before.
       * @default null
       */
      after: string | null;
      /**
       * @description In one of these sangkats, by code.
       * @default []
       */
      areas: string[];
      /**
       * @description Whose events do not agree.
       * @default false
       */
      conflicts: boolean;
      /**
       * @description With a visit due or overdue.
       * @default false
       */
      due: boolean;
      /**
       * @description 1 to 500; 100 if absent.
       * @default null
       */
      limit: number | null;
      /**
       * @description In the own hands.
       * @default false
       */
      mine: boolean;
      /**
       * @description With all of these needs: `woman_head`, `under_six`, `school_age`, `difficulty`, `older`, `poor_card`.
       * @default []
       */
      needs: string[];
      /**
       * @description `recent`, `name` or `due`.
       * @default null
       */
      order: string | null;
      /**
       * @description With a visit overdue.
       * @default false
       */
      overdue: boolean;
      /**
       * @description With a referral that nobody has answered.
       * @default false
       */
      referrals: boolean;
      /**
       * @description With a referral that nobody has answered for more than 14 days.
       * @default false
       */
      silent: boolean;
      /**
       * @description Offered, accepted or moved to one of these sites.
       * @default []
       */
      sites: string[];
      /**
       * @description In one of these statuses. With none named, records that go on in another one are found by a search alone.
       * @default []
       */
      statuses: string[];
      /**
       * @description A name in either script, with mistakes; a telephone number, a card or a code, exactly.
       * @default
       */
      text: string;
      /**
       * @description In nobody's hands in particular.
       * @default false
       */
      unassigned: boolean;
    };
    /** @description Things of one sort, each with its version. */
    ListSetup: {
      /** @description Whether the server is making something newer: ask again in a minute. */
      being_made?: boolean;
      /** @description The things; none where this server has none. */
      items: Record<string, never>[];
      /** @description Changes with the rest of it. */
      version: string;
      /** @description Why there is none, where that is not a matter of course. A sentence for people. */
      why?: string | null;
    };
    /** @description A visit that is due. */
    ListedDue: {
      /**
       * Format: int32
       * @description Months after the move.
       */
      months: number;
      /** @description `due`, `overdue` or `escalated`. */
      standing: string;
      /** @description The last day of its window. */
      until: string;
    };
    /** @description A household in the list. */
    ListedHousehold: {
      /** @description Degrees east and north. */
      at?: number[] | null;
      /** @description The code on its card. */
      code?: string | null;
      /**
       * Format: int32
       * @description Facts in conflict.
       */
      conflicts: number;
      due?: components["schemas"]["ListedDue"] | null;
      /** @description In whose hands it is. */
      given: components["schemas"]["Worker"][];
      /** @description Nobody but these people may know of it. */
      hidden: boolean;
      /** @description Its id. */
      id: string;
      /** @description The day on which something happened last. */
      last_on: string;
      /** @description Its head's name. */
      names: components["schemas"]["Names"];
      /** @description What is known of its needs. */
      needs: string[];
      /** @description Where it lives. */
      places: components["schemas"]["Sangkat"][];
      /** @description Referrals that nobody has answered. */
      referrals: number;
      /** @description The site that it was offered, accepted or moved to. */
      site?: string | null;
      /**
       * Format: int32
       * @description How many people; null where nobody said.
       */
      size?: number | null;
      /** @description Where it stands. */
      status: string;
    };
    /** @description The matrix; every list is by row. */
    Matrix: {
      /**
       * @description Per criterion: `[row, lowest, highest]` value of every site that is known between bounds only, by row. A value of null
       *     is open over the whole of `range`.
       */
      bounds: [number, number, number][][];
      /** @description Ids of the criteria. */
      criteria: string[];
      /** @description What people call the sites that lie in no known khan, by their row: *1.2 km north-east of Prey Sa*. */
      elsewhere: {
        [key: string]: components["schemas"]["Text"];
      };
      /** @description Per site: 0 ranked, 1 excluded, 2 not known whether excluded. */
      excluded: number[];
      /** @description Names of every khan and sangkat in `sites`, by code. */
      places: {
        [key: string]: components["schemas"]["Text"];
      };
      /**
       * @description Per criterion: the lowest and highest value that an unknown measure may turn out to have: what its value function can
       *     give, and 0 where there may be no way at all.
       */
      range: [number, number][];
      /** @description Per site: rank. */
      rank: (number | null)[];
      /** @description Per criterion, per site: the raw number, null where it is unknown, a category, or holds for a part of the households alone. */
      raw: (number | null)[][];
      /** @description Per site: score. */
      score: (number | null)[];
      /** @description The sites. */
      sites: components["schemas"]["MatrixSites"];
      /** @description Per criterion, per site: 0 worst to 1 best; null is unknown. */
      value: (number | null)[][];
      /** @description Per criterion: whether no layer is loaded for it. Such a criterion makes no site too little known. */
      without_layer: boolean[];
    };
    /** @description The sites of the matrix, by column. */
    MatrixSites: {
      /** @description Net areas, square metres. */
      area_m2: number[];
      /** @description Capacities, households. */
      capacity: number[];
      /** @description Ids. */
      id: string[];
      /** @description Codes of khans. */
      khan: (string | null)[];
      /** @description Latitudes, degrees. */
      lat: number[];
      /** @description Longitudes, degrees. */
      lon: number[];
      /**
       * @description Numbers within the sangkat, or else the khan, or else the city. With the name of that they make what people call a
       *     site: *Chbar Ampov Ti Muoy 3*.
       */
      number: number[];
      /** @description Codes of sangkats. */
      sangkat: (string | null)[];
    };
    /** @description Who asks, and what the page may offer them. */
    Me: {
      /** @description Whether scenarios may be saved and decision records made. */
      may_change_plans: boolean;
      /** @description Whether layers, rankings, scenarios and decision records may be seen. */
      may_see_plans: boolean;
      /** @description The person's name; null where nobody is signed in. */
      name?: string | null;
      /** @description The person's roles: administrator, coordinator, caseworker, field-worker, planner, partner. */
      roles: string[];
      /** @description Whether a person is signed in with an account, so that signing out means something. */
      signed_in: boolean;
      /** @description Names of the person's teams. */
      teams: string[];
    };
    /** @description A person of the team. */
    Member: {
      /** @description The account. */
      account: string;
      /** @description The person's name. */
      name: string;
      /** @description Roles. */
      roles: string[];
    };
    /** @description A rank under a method. */
    MethodRank: {
      /** @description The method. */
      method: string;
      /**
       * Format: int32
       * @description The rank.
       */
      rank: number;
    };
    /** @description The methods side by side, on the same values and weights. */
    Methods: {
      /** @description How far each two methods agree over all sites. */
      agreement: components["schemas"]["Agreement"][];
      /** @description Ids of the sites that lead under every method. */
      leaders: string[];
      /** @description The methods, the ranking's own among them. */
      methods: string[];
      /** @description Sites that lead under some methods and not under others, the widest parting first. */
      parts: components["schemas"]["Part"][];
      /** @description The best sites of any method, in the order of the ranking. */
      sites: components["schemas"]["SiteRanks"][];
      /** @description How many places count as leading. */
      top: number;
    };
    /** @description Somebody or something by name. */
    Named: {
      /** @description The id. */
      id: string;
      /** @description The name. */
      name: string;
    };
    /** @description A family's name as it was written; empty where nobody wrote it. */
    Names: {
      /** @description In Khmer. */
      km: string;
      /** @description In Latin letters. */
      latin: string;
    };
    /** @description How sites are ordered where facts are missing. */
    Order: {
      /**
       * Format: double
       * @description How much the highest counts beside the lowest, 0 to 1: 0 for `lowest`, 0.5 for `middle`.
       */
      alpha: number;
      /**
       * Format: double
       * @description A site of whose weight more than this share is unknown has no rank and is listed apart.
       */
      apart_above: number;
      /** @description What an unknown value counts: `lowest` that it can be, `middle`, or `hurwicz`. */
      by: string;
    };
    /** @description What visits told in answer to a question. Who was not asked, and who does not know, is in no count. */
    OutcomeAnswers: {
      /**
       * Format: int64
       * @description Families who were asked since their move. Null in counts of the gate, which do not tell who was asked and did not know.
       */
      asked?: number | null;
      /** @description By answer, in the order of the question; none for a number. */
      counts: components["schemas"]["OutcomeCount"][];
      /** @description The fact, as in the list of facts; in counts of the gate, `school_after_move` for families by whether all of their children go to school. */
      fact: string;
      /**
       * Format: double
       * @description The middle one of the numbers; null for other answers.
       */
      median?: number | null;
      /**
       * Format: int64
       * @description Those of whom the answer is known; of children in school, so many children.
       */
      of: number;
    };
    /** @description The share still there after some months. */
    OutcomeAt: {
      /**
       * Format: double
       * @description … or as high as this (95 %).
       */
      band_high?: number | null;
      /**
       * Format: double
       * @description With so few families it may by chance be as low as this … Null in counts of the gate.
       */
      band_low?: number | null;
      /**
       * Format: int64
       * @description Families known to be there then or later.
       */
      certain: number;
      /**
       * Format: double
       * @description … and this, as far as visits tell.
       */
      high: number;
      /**
       * Format: double
       * @description Between this …
       */
      low: number;
      /**
       * Format: double
       * @description Months after the move.
       */
      months: number;
      /**
       * Format: int64
       * @description Families who may have been.
       */
      possible: number;
    };
    /** @description How many gave an answer. */
    OutcomeCount: {
      /** @description The answer: `yes`, `no`, or one of the words of the question. */
      answer: string;
      /**
       * Format: int64
       * @description How many families; of children in school, how many children.
       */
      count: number;
    };
    /** @description Families who moved to one site, or in one year, or all. */
    OutcomeGroup: {
      /** @description What visits told since the move, question by question; of counts of the gate, what may be told. */
      answers: components["schemas"]["OutcomeAnswers"][];
      /** @description The share still there after 6, 12, 24, 36 and 60 months, as far as enough families are followed. */
      at: components["schemas"]["OutcomeAt"][];
      /** @description The curve until then, where it may be told. */
      curve: components["schemas"]["OutcomeSegment"][];
      /**
       * Format: int64
       * @description How many families moved.
       */
      families: number;
      /**
       * Format: double
       * @description Months after the move until which enough families are still followed; null where too few are from the start.
       */
      followed?: number | null;
      /** @description The site's id or the year; empty for all. */
      key: string;
      /**
       * Format: int64
       * @description How many are known to have left. Null where that cannot be told.
       */
      left?: number | null;
      name?: components["schemas"]["Text"] | null;
      /** @description What the decision had promised; none where no decision knows the site. */
      promised: components["schemas"]["OutcomePromise"][];
    };
    /** @description What a decision had promised of a site. */
    OutcomePromise: {
      /** @description The criterion, by its place in the list. */
      criterion: number;
      /**
       * Format: double
       * @description The number then; null where it was not known.
       */
      raw?: number | null;
      /**
       * Format: double
       * @description The value, 0 to 1; null where it was not known.
       */
      value?: number | null;
    };
    /** @description A reason for leaving. */
    OutcomeReason: {
      /** @description How many. */
      count: number;
      /** @description The words; empty where nobody wrote one. */
      reason: string;
    };
    /** @description A stretch of time and what is known of the share still there. */
    OutcomeSegment: {
      /**
       * Format: double
       * @description Months after the move.
       */
      from: number;
      /**
       * Format: double
       * @description Not above this.
       */
      high: number;
      /**
       * Format: double
       * @description Not below this.
       */
      low: number;
      /**
       * Format: double
       * @description Null for ever after.
       */
      to?: number | null;
    };
    /** @description How moves went. */
    Outcomes: {
      all?: components["schemas"]["OutcomeGroup"] | null;
      /** @description The day on which families were counted for that; null where nobody has counted yet, and for whoever reads the households. */
      counted?: string | null;
      /** @description Criteria of the newest decision. */
      criteria: components["schemas"]["PlacementCriterion"][];
      /** @description With fewer families still followed nothing more is told of how many stayed. */
      least_followed: number;
      /** @description The person may not read the households: these are the counts of the gate, which previews and releases are taken from. */
      protected: boolean;
      reading?: components["schemas"]["Reading"] | null;
      /** @description Why families left, the most frequent first. */
      reasons: components["schemas"]["OutcomeReason"][];
      /** @description By site, the largest first. */
      sites: components["schemas"]["OutcomeGroup"][];
      /** @description Sites and years whose number of families is hidden. */
      withheld: number;
      /** @description By year of the move. */
      years: components["schemas"]["OutcomeGroup"][];
    };
    /** @description Two sites head to head. */
    Pair: {
      /** @description Id of the one that stands before the other. */
      ahead: string;
      /** @description Criteria in which the one ahead leads, widest first. */
      ahead_by: components["schemas"]["LeadBy"][];
      /** @description Id of the other. */
      behind: string;
      /** @description Criteria in which the one behind leads, widest first. */
      behind_by: components["schemas"]["LeadBy"][];
      /**
       * Format: double
       * @description Difference of their scores; null where one has none.
       */
      difference?: number | null;
      /** @description The comparison in words. */
      sentence: components["schemas"]["Text"];
      single?: components["schemas"]["WeightChange"] | null;
      /** @description Every change of one weight alone that makes them tie, the smallest first, the others giving way in proportion. */
      singles: components["schemas"]["WeightChange"][];
      swap?: components["schemas"]["SmallestSwap"] | null;
    };
    /** @description Where methods part. */
    Part: {
      /** @description The method that likes it best, and its rank there. */
      best: components["schemas"]["MethodRank"];
      /**
       * Format: int32
       * @description Row in the matrix.
       */
      i: number;
      /** @description The site. */
      id: string;
      /** @description Why, in words. */
      sentence: components["schemas"]["Text"];
      /** @description The method that likes it least, and its rank there. */
      worst: components["schemas"]["MethodRank"];
    };
    /** @description A khan or sangkat. */
    Place: {
      /** @description Its code. */
      code: string;
      /** @description Its name in English. */
      en: string;
      /** @description Its name in Khmer. */
      km: string;
    };
    /** @description A family of a proposal. */
    PlacedFamily: {
      /** @description The three best sites for it. */
      best: components["schemas"]["FamilySite"][];
      /** @description The code on its card. */
      code?: string | null;
      first_wish?: components["schemas"]["FirstWishCost"] | null;
      /** @description The site by the greedy way. */
      greedy_site?: string | null;
      /** @description What an offer comes after. */
      heads: string[];
      /** @description The household. */
      id: string;
      /** @description Its name. */
      names: components["schemas"]["Names"];
      /** @description Its needs. */
      needs: string[];
      /** @description `first_wish`, `later_wish`, `no_possible_site`, `too_large_everywhere` or `full`. */
      reason: string;
      /**
       * Format: double
       * @description How good the proposed site is for it, 0 to 100.
       */
      score?: number | null;
      /** @description The site that is proposed; null where none. */
      site?: string | null;
      /**
       * Format: int64
       * @description How many people.
       */
      size?: number | null;
      /** @description Where it stands. */
      statuses: string[];
      /** @description What is not known of it: `home`, `ages`, `difficulty`, `work`, `consent`. */
      unknown: string[];
      /** @description Which wish. */
      wish?: number | null;
    };
    /** @description A proposal. */
    Placement: {
      /**
       * Format: double
       * @description No proposal that places as many has a greater sum.
       */
      bound: number;
      /** @description Its criteria. */
      criteria: components["schemas"]["PlacementCriterion"][];
      /** @description The decision's seal. */
      decision: string;
      /** @description The families, in the order in which they were asked for. */
      families: components["schemas"]["PlacedFamily"][];
      /**
       * Format: double
       * @description The difference as a share.
       */
      gap: number;
      /** @description How many the greedy way places. */
      greedy_placed: number;
      /**
       * Format: double
       * @description And its sum.
       */
      greedy_value: number;
      /** @description Whether the layers have changed since the decision. */
      layers_changed: boolean;
      /** @description Households that could not be read: not there, or of others. */
      left_out: number;
      /** @description How many are placed. */
      placed: number;
      /** @description No proposal places more. */
      placed_bound: number;
      /** @description Whether both are proven. */
      proven: boolean;
      /** @description The sites. */
      sites: components["schemas"]["PlacementSite"][];
      /**
       * Format: double
       * @description The sum of the families' scores, 100 for each at the best.
       */
      value: number;
    };
    /** @description A criterion of a decision. */
    PlacementCriterion: {
      /** @description Its id. */
      id: string;
      /** @description What people read. */
      label: components["schemas"]["Text"];
      /** @description The unit of its numbers; empty where they have none. */
      unit: string;
    };
    /** @description What speaks for a site, or against it. */
    PlacementReason: {
      /** @description The category behind it. */
      category?: string | null;
      /** @description The criterion, by its place in the list. */
      criterion: number;
      /** @description Whether it is known. */
      known: boolean;
      /** @description Estimated from this family's own home. */
      own: boolean;
      /**
       * Format: double
       * @description The number behind it; null where there is none.
       */
      raw?: number | null;
      /**
       * Format: double
       * @description Its share in this family's score.
       */
      share: number;
      /**
       * Format: double
       * @description The value, 0 worst to 1 best.
       */
      value: number;
    };
    /** @description Who is to be placed, and where. */
    PlacementRequest: {
      /** @description The decision's seal. */
      decision: string;
      /** @description Households, at most 500. */
      households: string[];
      /** @description Sites of the decision; all of them if absent. */
      sites?: string[] | null;
      /** @description Groups of neighbours who wish to stay together. */
      together?: string[][];
    };
    /** @description A site of a proposal. */
    PlacementSite: {
      /**
       * Format: int32
       * @description Households that find room.
       */
      capacity: number;
      /** @description Its id. */
      id: string;
      /** @description What people call it. */
      name: components["schemas"]["Text"];
      /**
       * Format: int32
       * @description Families that the proposal sends there.
       */
      proposed: number;
      /**
       * Format: int32
       * @description Places that are offered or taken already.
       */
      taken: number;
    };
    /** @description A plot drawn by hand. */
    Plot: {
      /** @description What people call it. */
      name: string;
      /**
       * Format: double
       * @description Its price in US$ per m²; null takes that of the parcels under it.
       */
      price_usd_m2?: number | null;
      /** @description Longitudes and latitudes of its corners: the outline, then holes. The last corner joins the first. */
      rings: number[][][];
      /** @description Its tenure, such as `hard_title`; null takes that of the parcels under it. */
      tenure?: string | null;
    };
    /** @description The plots drawn by hand that are kept with a scenario. */
    PlotList: {
      /** @description In the order in which they were kept. */
      plots: components["schemas"]["Plot"][];
      /** @description Changes with every change; it goes into If-Match when the plots are written. Null where none were ever kept. */
      version?: string | null;
    };
    /** @description The plots to keep with a scenario. */
    PlotsRequest: {
      /** @description All of them: they take the place of those kept before. */
      plots: components["schemas"]["Plot"][];
    };
    /** @description What to do with a quarantined event. */
    QuarantineDecision: {
      /** @description Whether it counts from now on; else it never will. */
      release: boolean;
      /** @description Why, on one line. It is kept. */
      why: string;
    };
    /** @description Events that nobody has decided about. */
    QuarantineList: {
      /** @description By number, at most 200. */
      entries: components["schemas"]["Quarantined"][];
      /**
       * Format: int64
       * @description The number to go on after, where there may be more.
       */
      next?: number | null;
    };
    /** @description What is against an event. */
    QuarantineNote: {
      /** @description Stable, for programs. */
      code: string;
      /** @description The field or the fact's path that it is about, where it is about one. */
      field?: string | null;
      /** @description A sentence. */
      message: string;
    };
    /** @description An event that lies in quarantine. */
    Quarantined: {
      /** @description Who sent it. */
      by: components["schemas"]["Author"];
      /** @description The event as it came: an object, or a text where it is no JSON. */
      event: unknown;
      household?: components["schemas"]["DayNamed"] | null;
      /** @description What it tells, where that can be read. */
      kind?: string | null;
      /**
       * Format: int64
       * @description Its number.
       */
      n: number;
      /** @description The head's name that it tells itself. */
      names: components["schemas"]["Names"];
      /** @description What is against it: codes and sentences. */
      notes: components["schemas"]["QuarantineNote"][];
      /** @description The day on which it happened, where that can be read. */
      on?: string | null;
      /** @description When it came. */
      received_at: string;
    };
    /** @description A ranking. Its sites, its matrix and its tiles have addresses of their own. */
    Ranking: {
      /** @description In the scenario's order. */
      criteria: components["schemas"]["Criterion"][];
      /** @description In the scenario's order. */
      exclusions: components["schemas"]["ExclusionTotal"][];
      /** @description Names it: the same layers and the same scenario give the same id. */
      id: string;
      /** @description Whether any input is generated, not real. */
      illustrative: boolean;
      /** @description The layers that were measured. */
      inputs: components["schemas"]["Input"][];
      /** @description `weighted-sum`, … */
      method: string;
      /** @description How sites are ordered where facts are missing. */
      order: components["schemas"]["Order"];
      room?: components["schemas"]["Room"] | null;
      /** @description The scenario it was made by. */
      scenario: Record<string, never>;
      /** @description Numbers of sites. */
      totals: components["schemas"]["Totals"];
      /** @description What a planner should know about this result. */
      warnings: components["schemas"]["Warning"][];
    };
    /** @description What to rank by. */
    RankingRequest: {
      /** @description A scenario: the same fields as the TOML file. */
      scenario: Record<string, never>;
    };
    /** @description The households are still being read after the server's start: ask again in a moment. */
    Reading: {
      /** @description All of them. */
      all: number;
      /** @description Households read. */
      done: number;
    };
    /** @description Something that is told with a receipt. */
    ReceiptNote: {
      /** @description Stable, for programs. */
      code: string;
      /** @description A sentence for people. */
      message: string;
    };
    /** @description The receipts of a batch, in its order. */
    Receipts: {
      clock?: components["schemas"]["ClockNote"] | null;
      /** @description One for each event. */
      receipts: components["schemas"]["EventReceipt"][];
      /** @description The server's time, as RFC 3339. */
      server_time: string;
    };
    /** @description A site that was chosen. */
    RecordChoice: {
      /** @description Why it was chosen. */
      reason: string;
      /** @description Id of the site. */
      site: string;
    };
    /** @description A departure from the ranking. */
    RecordOverride: {
      /** @description What was decided of it; "chosen against the order" if absent. */
      decision?: string | null;
      /** @description Why the ranking was not followed. */
      reason: string;
      /** @description Id of the site. */
      site: string;
    };
    /** @description What a person adds to a ranking to make it a decision. */
    RecordRequest: {
      /** @description The sites that were chosen, each once. */
      chosen?: components["schemas"]["RecordChoice"][];
      /** @description Who decided. */
      decided_by: string;
      /** @description Notes that belong to the decision. */
      notes?: string;
      /** @description Where the decision departs from the ranking. */
      overrides?: components["schemas"]["RecordOverride"][];
    };
    /** @description Which tables to prepare. */
    ReleaseAsk: {
      /** @description Their ids. */
      tables: string[];
      /** @description Why, for the audit, on one line. */
      why?: string;
    };
    /** @description Who sees the tables of a release. */
    ReleaseAudience: {
      /** @description `internal`: the team alone. `partner`: partners whose keys open them. `public`: everybody. */
      seen_by: string;
    };
    /** @description Somebody who did something, and when. */
    ReleaseBy: {
      /** @description The account. */
      account?: string | null;
      /** @description When. */
      at: string;
      /** @description The name; null where the account prepares no releases any more. */
      name?: string | null;
    };
    /** @description A cell of a table. */
    ReleaseCell: {
      /**
       * Format: int64
       * @description How many families; null: hidden.
       */
      families?: number | null;
      /**
       * Format: double
       * @description The median.
       */
      median?: number | null;
      /** @description The day of which the median is. */
      median_day?: string | null;
      /** @description A category for each column, `total` for sums. */
      names: string[];
      /** @description Why it is hidden. Readers are not told. */
      reason?: string | null;
      /** @description Shares, 0 to 1; null where one cannot be told. Empty where the cell has none. */
      shares: (number | null)[];
    };
    /** @description Confirms a release. */
    ReleaseConfirm: {
      /**
       * @description Who the person saw that each table will be seen by, by the tables' ids: `internal`, `partner` or `public`. Where it is said otherwise by now,
       *     nothing is done.
       */
      seen_by?: {
        [key: string]: string;
      } | null;
      /** @description Kept in the audit, on one line. */
      why?: string;
    };
    /** @description A layer that holds a table of a release. */
    ReleaseLayer: {
      /** @description The layer's name. */
      layer: string;
      /** @description `internal`, `partner` or `public`. */
      seen_by: string;
    };
    /** @description A place by its code. */
    ReleasePlace: {
      /** @description In Latin letters. */
      name: string;
      /** @description In Khmer. */
      name_km: string;
    };
    /** @description Somebody who took a table. */
    ReleaseReader: {
      /** @description When last. */
      last: string;
      /** @description The table. */
      layer: string;
      /** @description The person's name, where it is known. */
      name?: string | null;
      /** @description How often. */
      times: number;
      /** @description By the words of the log. */
      who: string;
    };
    /** @description Cells that are hidden for one reason. */
    ReleaseReason: {
      /** @description How many. */
      cells: number;
      /** @description `small`, `group`, `difference` or `complementary`. */
      reason: string;
    };
    /** @description A table of a release. */
    ReleaseTable: {
      /** @description What it says and does not say. */
      about: components["schemas"]["Text"];
      /** @description Its cells, in order. */
      cells: components["schemas"]["ReleaseCell"][];
      /** @description Its columns. */
      columns: string[];
      /** @description Its id. */
      id: string;
      /** @description What its median is of. */
      median_of?: string | null;
      /** @description The unit. */
      median_unit?: string | null;
      /** @description `recorded` or `moved`. */
      over: string;
      /** @description Names of khans and sangkats by their codes. */
      places: {
        [key: string]: components["schemas"]["ReleasePlace"];
      };
      /** @description Names of its shares. */
      shares: string[];
      /** @description What it is called. */
      title: components["schemas"]["Text"];
    };
    /** @description A table that can be released. */
    ReleaseTableAbout: {
      /** @description What it says and does not say. */
      about: components["schemas"]["Text"];
      /** @description The columns of its breakdowns, each coarse first. */
      by: string[][];
      /** @description Its id, which is the layer's name. */
      id: string;
      /** @description `recorded`: all families. `moved`: those who moved to a site. */
      over: string;
      /** @description What it is called. */
      title: components["schemas"]["Text"];
    };
    /** @description What a table of a release costs. */
    ReleaseTableCost: {
      /** @description So many cells have to be hidden, whatever the method. */
      at_least_hidden: number;
      /** @description How many cells are not told as 0. */
      cells: number;
      /** @description How many of them are hidden. */
      cells_hidden: number;
      /** @description For which reasons. */
      hidden_for: components["schemas"]["ReleaseReason"][];
      /** @description Its id. */
      id: string;
      /**
       * Format: int64
       * @description The release that the layer of this name holds now; null where there is none.
       */
      layer_of?: number | null;
      /**
       * Format: double
       * @description An attacker knows no hidden number closer than this; null where he finds no upper bound, or nothing is hidden.
       */
      narrowest?: number | null;
      /** @description Whether that is the very width; else no interval is narrower. */
      narrowest_is_exact: boolean;
      /** @description Who sees its layer once the release is confirmed, by what was said of an earlier one: `internal`, `partner` or `public`. */
      seen_by: string;
      /** @description What it is called. */
      title: components["schemas"]["Text"];
    };
    /** @description Why something is done to a release. */
    ReleaseWhy: {
      /** @description Kept in the audit, on one line. Needed to withdraw. */
      why?: string;
    };
    /** @description Withdraws a release, or discards it. */
    ReleaseWithdraw: {
      /** @description The state in which the person saw it, `prepared` or `confirmed`: where it is another one by now, nothing is done. */
      state?: string | null;
      /** @description Kept in the audit, on one line. */
      why?: string;
    };
    /** @description Work under way. */
    ReleaseWork: {
      /** @description For whom, since when. */
      by: components["schemas"]["ReleaseBy"];
      /** @description `count`, `prepare` or `audit`. */
      kind: string;
    };
    /** @description What came of the work that was done last. */
    ReleaseWorkEnded: {
      /** @description Of an audit: `same`, `changed` or `impossible`. */
      audit?: string | null;
      /** @description For whom, since when. */
      by: components["schemas"]["ReleaseBy"];
      /** @description Tables that come out differently. */
      changed: string[];
      /** @description Stable, for programs: why nothing was done. */
      code?: string | null;
      /** @description Of counts: whether they are new; else those of before stand, since too little has changed. */
      is_new?: boolean | null;
      /** @description `count`, `prepare` or `audit`. */
      kind: string;
      /** @description The same as a sentence. */
      message?: string | null;
      /**
       * Format: int64
       * @description The release that was prepared or audited.
       */
      release?: number | null;
    };
    /** @description Shares of plausible weightings under which sites take each rank, by the weighted sum. */
    Robustness: {
      /** @description Per row of the matrix: share of draws in which the site is among the first; null where it takes no part. */
      among_first: (number | null)[];
      /**
       * Format: int32
       * @description How many weightings were drawn.
       */
      draws: number;
      /** @description How many places count as the first. */
      first: number;
      /** @description What this says of the first places. */
      in_words: components["schemas"]["Text"];
      /** @description Mean of all drawn weights, by criterion: a site's `central_weights` that differ from these tell what it is first for. */
      mean_weights: number[];
      /**
       * Format: int64
       * @description The seed of the draws.
       */
      seed: number;
      /** @description The best sites of the ranking, best first. */
      sites: components["schemas"]["SiteRobustness"][];
      /** @description `given` each weight up to half more or less, `uniform` any weights, `order` any in the same order of importance. */
      weights: string;
    };
    /** @description The room of the ranked sites against those who would move. */
    Room: {
      /**
       * Format: int64
       * @description Households that all ranked sites hold together, those left out that may yet be excluded and stand behind.
       */
      all: number;
      best?: components["schemas"]["SiteSet"] | null;
      /**
       * Format: double
       * @description What all may cost together, US dollars; null without a budget.
       */
      budget?: number | null;
      cheapest?: components["schemas"]["SiteSet"] | null;
      /** @description Ranked sites whose cost is not known. They are in no cheapest set. */
      costs_unknown: number;
      /**
       * Format: int32
       * @description Households that the first site holds.
       */
      first: number;
      /**
       * Format: int64
       * @description Households that would move, of the settlements that say how many they have.
       */
      households: number;
      /** @description Settlements that would move and do not say. */
      settlements_silent: number;
      /** @description Ranked sites that stand behind because they may yet be excluded. They are in no set. */
      undecided: number;
      /**
       * Format: int64
       * @description Households that these hold together.
       */
      undecided_room: number;
      within?: components["schemas"]["SiteSet"] | null;
    };
    /** @description The way to the nearest service of a kind. */
    Route: {
      /** @description The criterion that measures it; null where none does. */
      criterion?: string | null;
      /**
       * Format: int32
       * @description Return period in years of the flood that cuts roads; null while they are dry.
       */
      cut?: number | null;
      /** @description What people call the kind. */
      label: components["schemas"]["Text"];
      /** @description The course as a `GeoJSON` `LineString`. */
      line?: Record<string, never> | null;
      /**
       * Format: double
       * @description Metres likewise.
       */
      metres?: number | null;
      /**
       * Format: double
       * @description Minutes, the ways to and from the road included.
       */
      minutes?: number | null;
      /** @description `walk` or `motorbike`. */
      mode: string;
      /** @description Kind of service, such as `primary_school`. */
      service: string;
      /** @description `known`, `unreachable`, `off_network`, or `unknown` where no service of the kind is loaded. */
      status: string;
      to?: components["schemas"]["RouteEnd"] | null;
    };
    /** @description A service at the end of a route. */
    RouteEnd: {
      /** @description Its id in its layer. */
      id: string;
      /**
       * Format: double
       * @description Latitude, degrees.
       */
      lat: number;
      /**
       * Format: double
       * @description Longitude, degrees.
       */
      lon: number;
      name?: components["schemas"]["Text"] | null;
    };
    /** @description Ways from a site to the nearest service of every kind that the scenario travels to. */
    RouteList: {
      /** @description By kind and mode in the scenario's order, dry first. */
      routes: components["schemas"]["Route"][];
    };
    Said:
      | {
          /** @enum {string} */
          code: "not_table";
          values: {
            found: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_number";
          values: {
            found: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_true_or_false";
          values: {
            found: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_text";
          values: {
            found: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_list";
          values: {
            found: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_one_of";
          values: {
            found: string;
            known: string[];
            what: string;
          };
        }
      | {
          /** @enum {string} */
          code: "missing_table";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "missing_number";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "missing_text";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "missing_list";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "missing_choice";
          values: {
            known: string[];
            what: string;
          };
        }
      | {
          /** @enum {string} */
          code: "out_of_range";
          values: {
            found: number;
            high: number;
            low: number;
          };
        }
      | {
          /** @enum {string} */
          code: "not_whole";
          values: {
            found: number;
            high: number;
            low: number;
          };
        }
      | {
          /** @enum {string} */
          code: "unknown_key";
          values: {
            known: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "not_above_0";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "negative";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "worst_is_best";
          values: {
            both: number;
          };
        }
      | {
          /** @enum {string} */
          code: "trapezoid_falls";
          values: {
            a: number;
            b: number;
            c: number;
            d: number;
          };
        }
      | {
          /** @enum {string} */
          code: "trapezoid_flat";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "slope_zero";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_categories";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "too_few_points";
          values: {
            least: number;
          };
        }
      | {
          /** @enum {string} */
          code: "point_out_of_range";
          values: {
            found: number;
          };
        }
      | {
          /** @enum {string} */
          code: "points_fall";
          values: {
            before: number;
            number: number;
          };
        }
      | {
          /** @enum {string} */
          code: "not_a_point";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_a_worth";
          values: {
            found: string;
          };
        }
      | {
          /** @enum {string} */
          code: "goal_falls";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "goal_rises";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "unknown_tenure_valued";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_a_tenure";
          values: {
            known: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "category_needs_table";
          values: {
            /** @description Words for people in both languages. */
            measure: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "number_takes_no_table";
          values: {
            /** @description Words for people in both languages. */
            measure: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "missing_return_period";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "missing_depth";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "depth_not_here";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "missing_cost";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "costs_need_units";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "missing_alpha";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "alpha_not_here";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "limits_two";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "limits_nothing";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_one_limit";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "on_network_false";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "excludes_all";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_a_category";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "category_takes_one_of";
          values: {
            /** @description Words for people in both languages. */
            measure: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "number_takes_no_one_of";
          values: {
            /** @description Words for people in both languages. */
            measure: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "not_a_travel_time";
          values: {
            /** @description Words for people in both languages. */
            measure: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "strange_criterion";
          values: {
            id: string;
            known: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "no_criterion";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "same_id";
          values: {
            first: string;
            id: string;
          };
        }
      | {
          /** @enum {string} */
          code: "same_implied_id";
          values: {
            id: string;
          };
        }
      | {
          /** @enum {string} */
          code: "all_weights_zero";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "weights_too_large";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "negative_weight";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_tenure_list";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "tenure_twice";
          values: {
            tenure: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_a_day";
          values: {
            found: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_settlement_id";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_settlement_ids";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_settlements";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_groups";
          values: {
            id: string;
          };
        }
      | {
          /** @enum {string} */
          code: "strange_group";
          values: {
            id: string;
            known: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "same_group_id";
          values: {
            id: string;
          };
        }
      | {
          /** @enum {string} */
          code: "group_in_itself";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "judged_twice_by";
          values: {
            by: string;
          };
        }
      | {
          /** @enum {string} */
          code: "judged_twice";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "weight_is_judged";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "weight_neither";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_a_pair";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "judges_itself";
          values: {
            member: string;
          };
        }
      | {
          /** @enum {string} */
          code: "pair_twice";
          values: {
            first: string;
            second: string;
          };
        }
      | {
          /** @enum {string} */
          code: "not_a_member";
          values: {
            known: string[];
            member: string;
          };
        }
      | {
          /** @enum {string} */
          code: "judgement_not_above_0";
          values: {
            found: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_judgement";
          values: {
            found: number;
          };
        }
      | {
          /** @enum {string} */
          code: "not_judged";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_inverse";
          values: {
            lower: number;
            upper: number;
          };
        }
      | {
          /** @enum {string} */
          code: "nothing_to_judge";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "stands_twice";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "empty_group";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "bad_member_weight";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_member_weight";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "too_many_values";
          values: {
            found: number;
            most: number;
          };
        }
      | {
          /** @enum {string} */
          code: "not_toml";
          values: {
            why: string;
          };
        }
      | {
          /** @enum {string} */
          code: "no_such_settlement";
          values: {
            ids: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "not_measured";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_categories";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "not_numbers";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_alternatives";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "all_excluded";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "one_alternative";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "nothing_ranked";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "zero_weight";
          values: {
            /** @description Words for people in both languages. */
            criterion: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "category_without_value";
          values: {
            categories: string[];
            /** @description Words for people in both languages. */
            criterion: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "all_unknown";
          values: {
            /** @description Words for people in both languages. */
            criterion: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "same_for_many";
          values: {
            /** @description Words for people in both languages. */
            criterion: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
            same: number;
            sites: number;
            value: number;
          };
        }
      | {
          /** @enum {string} */
          code: "too_little_known";
          values: {
            share: number;
            sites: number;
          };
        }
      | {
          /** @enum {string} */
          code: "exclusion_undecided";
          values: {
            sites: number;
          };
        }
      | {
          /** @enum {string} */
          code: "limit_known_nowhere";
          values: {
            /** @description Words for people in both languages. */
            measure: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "ordered_otherwise";
          values: {
            rule: string;
          };
        }
      | {
          /** @enum {string} */
          code: "layers_unused";
          values: {
            layers: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "criterion_without_layer";
          values: {
            /** @description Words for people in both languages. */
            criterion: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
            share: number;
          };
        }
      | {
          /** @enum {string} */
          code: "over_budget";
          values: {
            budget: number;
            known: number;
            sites: number;
          };
        }
      | {
          /** @enum {string} */
          code: "cost_unknown";
          values: {
            all: number;
            sites: number;
          };
        }
      | {
          /** @enum {string} */
          code: "constant_criterion";
          values: {
            /** @description Words for people in both languages. */
            criterion: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "judged_weights";
          values: {
            consensus: number | null;
            group: string;
            people: number;
            ratio: number | null;
          };
        }
      | {
          /** @enum {string} */
          code: "weights_not_as_judged";
          values: {
            group: string;
          };
        }
      | {
          /** @enum {string} */
          code: "low_consensus";
          values: {
            consensus: number;
            group: string;
          };
        }
      | {
          /** @enum {string} */
          code: "no_random_index";
          values: {
            criteria: number;
            whose: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "inconsistent";
          values: {
            first: string;
            implied: number;
            judged: number;
            ratio: number;
            second: string;
            whose: string[];
          };
        }
      | {
          /** @enum {string} */
          code: "layer_unavailable";
          values: {
            cause: string;
            layer: string;
          };
        }
      | {
          /** @enum {string} */
          code: "no_parcels";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_available_parcels";
          values: {
            parcels: number;
            silent: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_flood_raster";
          values: {
            years: number;
          };
        }
      | {
          /** @enum {string} */
          code: "flood_from_zones";
          values: {
            years: number;
          };
        }
      | {
          /** @enum {string} */
          code: "year_from_zones";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_flood_depths";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_return_period";
          values: {
            layer: string;
          };
        }
      | {
          /** @enum {string} */
          code: "no_boundaries";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "nothing_to_cut";
          values: {
            role: string;
          };
        }
      | {
          /** @enum {string} */
          code: "cut_out_incomplete";
          values: {
            all: number;
            role: string;
            sites: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_reserve_to_cut";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_flood_to_cut";
          values: {
            years: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_settlements";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "households_unknown";
          values: {
            settlements: number;
            silent: number;
          };
        }
      | {
          /** @enum {string} */
          code: "settlement_off_network";
          values: {
            places: number;
          };
        }
      | {
          /** @enum {string} */
          code: "disruption_beyond";
          values: {
            places: number;
            sites: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_parcels_under";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_elevation";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "elevation_crs";
          values: {
            crs: string;
            layer: string;
          };
        }
      | {
          /** @enum {string} */
          code: "no_flood_on_roads";
          values: {
            years: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_flood_zones";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_indicator";
          values: {
            field: string;
          };
        }
      | {
          /** @enum {string} */
          code: "no_indicator_year";
          values: {
            field: string;
            year: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_service";
          values: {
            /** @description Words for people in both languages. */
            service: {
              /** @description English. */
              en: string;
              /** @description Khmer. */
              km: string;
            };
          };
        }
      | {
          /** @enum {string} */
          code: "services_not_open";
          values: {
            day: string;
            services: number;
          };
        }
      | {
          /** @enum {string} */
          code: "service_dates_unknown";
          values: {
            day: string;
            services: number;
          };
        }
      | {
          /** @enum {string} */
          code: "services_closed";
          values: {
            services: number;
          };
        }
      | {
          /** @enum {string} */
          code: "no_roads";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "roads_in_pieces";
          values: {
            pieces: number;
            share: number;
          };
        }
      | {
          /** @enum {string} */
          code: "road_class_unknown";
          values: {
            roads: number;
          };
        }
      | {
          /** @enum {string} */
          code: "road_class_missing";
          values: {
            roads: number;
          };
        }
      | {
          /** @enum {string} */
          code: "flood_unknown_on_roads";
          values: {
            stretches: number;
            unknown: number;
            years: number;
          };
        }
      | {
          /** @enum {string} */
          code: "part_cut_out";
          values: {
            share: number;
          };
        }
      | {
          /** @enum {string} */
          code: "few_households";
          values: {
            asked: number;
            households: number;
          };
        }
      | {
          /** @enum {string} */
          code: "nobody_decided";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "too_long";
          values: {
            most: number;
          };
        }
      | {
          /** @enum {string} */
          code: "too_many_overrides";
          values: {
            most: number;
          };
        }
      | {
          /** @enum {string} */
          code: "strange_site";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_reason";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "no_reason_to_choose";
          values: Record<string, never>;
        }
      | {
          /** @enum {string} */
          code: "chosen_twice";
          values: Record<string, never>;
        };
    /** @description A sangkat. */
    Sangkat: {
      /** @description Its code. */
      code: string;
      /** @description Its name in Latin letters; null where the gazetteer does not know it. */
      name?: string | null;
      /** @description Its name in Khmer. */
      name_km?: string | null;
    };
    /** @description The scenarios of the deployment. */
    ScenarioList: {
      /** @description By name. */
      scenarios: components["schemas"]["ScenarioName"][];
    };
    /** @description One scenario. */
    ScenarioName: {
      /** @description Whether it comes with the program and cannot be overwritten: save a copy. */
      built_in: boolean;
      /** @description Its name in addresses. */
      name: string;
      /** @description Its title. */
      title: components["schemas"]["Text"];
      /** @description Changes with every change; it goes into If-Match when the scenario is written or deleted. */
      version: string;
    };
    /** @description Which visits are due after a move. */
    ScheduleSetup: {
      /**
       * Format: int32
       * @description Days after the end of a window at which a visit is a question for the coordinator.
       */
      escalate_after_days: number;
      /** @description Changes with the rest of it. */
      version: string;
      /** @description The visits. */
      visits: components["schemas"]["VisitSetup"][];
    };
    /** @description A settlement; its id goes into the scenario's `move.settlements`. */
    Settlement: {
      /**
       * Format: double
       * @description Its number of households; null where it is not known.
       */
      households?: number | null;
      /** @description Its survey id. */
      id: string;
      /**
       * Format: double
       * @description Latitude.
       */
      lat: number;
      /**
       * Format: double
       * @description Longitude of a point on it, degrees.
       */
      lon: number;
      name?: components["schemas"]["Text"] | null;
      sangkat?: components["schemas"]["Place"] | null;
    };
    /** @description The settlements that may move. */
    SettlementList: {
      /** @description By layer and number. */
      settlements: components["schemas"]["Settlement"][];
    };
    /** @description What a phone needs to know before it goes out. */
    Setup: {
      /** @description Where its team works. */
      area: components["schemas"]["AreaSetup"];
      /** @description Forms that questions are asked by. */
      forms: components["schemas"]["ListSetup"];
      /** @description How much may be sent and asked for at once. */
      limits: components["schemas"]["LimitsSetup"];
      /** @description Maps to be kept on the phone. */
      map_packs: components["schemas"]["ListSetup"];
      /** @description Which visits are due after a move. */
      schedule: components["schemas"]["ScheduleSetup"];
      /**
       * @description Services that a household can be referred to: in the area or some 3.5 km around it, hospitals and social services from farther away too.
       *     Those that have closed are left out.
       */
      services: components["schemas"]["ListSetup"];
      /** @description Sites of the published decision. */
      sites: components["schemas"]["ListSetup"];
    };
    /** @description A family's sheet. */
    Sheet: {
      /** @description The code on its card. */
      code?: string | null;
      held?: components["schemas"]["SheetHeld"] | null;
      /** @description The household. */
      household: string;
      /** @description Its name. */
      names: components["schemas"]["Names"];
      /** @description Its needs. */
      needs: string[];
      /** @description The sites: the one that it holds, then those that were asked for, or the best for this family. */
      sites: components["schemas"]["SheetSite"][];
      /**
       * Format: int64
       * @description How many people.
       */
      size?: number | null;
      /** @description Where it stands. */
      statuses: string[];
      /** @description What is not known of it. */
      unknown: string[];
      /**
       * Format: double
       * @description Minutes to work now, as the family said.
       */
      work_now?: number | null;
    };
    /** @description The site that a family holds. */
    SheetHeld: {
      /** @description `offered`, `accepted` or `moved`. */
      how: string;
      /** @description Whether it is one of the decision's sites. If not, other sites of the decision are no help to this family. */
      in_decision: boolean;
      /** @description Its id. */
      site: string;
    };
    /** @description A site on a sheet. */
    SheetSite: {
      /**
       * Format: int32
       * @description Households that find room.
       */
      capacity: number;
      flood?: components["schemas"]["Flood"] | null;
      /** @description Its id. */
      id: string;
      /**
       * Format: double
       * @description Kilometres from the family's home, in a straight line.
       */
      kilometres?: number | null;
      /** @description A small map: an SVG. */
      map: string;
      /**
       * Format: double
       * @description Minutes by motorbike to the present home, estimated from the straight line.
       */
      minutes_home?: number | null;
      /** @description What people call it. */
      name: components["schemas"]["Text"];
      /** @description Every criterion for this family. */
      parts: components["schemas"]["PlacementReason"][];
      /**
       * Format: double
       * @description How good it is for this family, 0 to 100.
       */
      score: number;
      /** @description Its tenure. */
      tenure: string;
      /** @description What nobody knows of it, by the labels of the criteria. */
      unknown: components["schemas"]["Text"][];
      /** @description Ways to services. */
      ways: components["schemas"]["SheetWay"][];
      /**
       * Format: double
       * @description Workplaces within reach, where the decision counts them.
       */
      workplaces?: number | null;
    };
    /** @description The way to a service. */
    SheetWay: {
      /** @description What people call it. */
      label: components["schemas"]["Text"];
      /**
       * Format: double
       * @description From the site; null where it is not known or there is no way.
       */
      minutes?: number | null;
      /** @description `walk` or `motorbike`. */
      mode: string;
      name?: components["schemas"]["Text"] | null;
      /** @description Whether it is known that there is no way. */
      no_way: boolean;
      /**
       * Format: double
       * @description From the family's home today; null where it is not known.
       */
      now?: number | null;
      /** @description The kind of service. */
      service: string;
    };
    /** @description The sheets. */
    Sheets: {
      /** @description The decision's criteria. */
      criteria: components["schemas"]["PlacementCriterion"][];
      /** @description When it was decided. */
      decided: string;
      /** @description Whether anything in it is illustrative. */
      illustrative: boolean;
      /** @description Households that could not be read. */
      left_out: number;
      /** @description One for each family that could be read. */
      sheets: components["schemas"]["Sheet"][];
      /** @description The scenario's title. */
      title: components["schemas"]["Text"];
    };
    /** @description Whose sheets. */
    SheetsRequest: {
      /** @description The decision's seal. */
      decision: string;
      /** @description Households, at most 50. */
      households: string[];
      /**
       * @description For each household the sites on its sheet in their order, at most three; the best for it that have room where nothing is said. The site
       *     that a family holds comes first in any case.
       */
      sites?: {
        [key: string]: string[];
      };
    };
    /** @description One criterion of one site. */
    SiteCriterion: {
      /** @description The category, of a measure that is one. */
      category?: string | null;
      /** @description Whether it was taken from a coarser source than its measure asks for: flood zones instead of depths. */
      coarse?: boolean;
      /**
       * Format: double
       * @description Share of the weight times the value.
       */
      contribution?: number | null;
      /**
       * Format: double
       * @description The highest.
       */
      high?: number | null;
      /** @description Its id. */
      id: string;
      /**
       * Format: double
       * @description The lowest that the raw number can be, where it is known between bounds.
       */
      low?: number | null;
      /**
       * Format: double
       * @description The raw number; null where it is not exactly known or a category.
       */
      raw?: number | null;
      /**
       * Format: double
       * @description The share of the households for whom the number holds, where the others cannot get there.
       */
      reached_share?: number | null;
      /** @description `known`, `unknown`, `unreachable` or `off_network`. */
      status: string;
      /** @description Unit of the raw number. */
      unit: string;
      /**
       * Format: double
       * @description The value, 0 worst to 1 best.
       */
      value?: number | null;
    };
    /** @description A site in full. */
    SiteDetail: components["schemas"]["SiteSummary"] & {
      /** @description Every criterion, in the scenario's order. */
      criteria: components["schemas"]["SiteCriterion"][];
      /** @description Its shape as `GeoJSON` (RFC 7946). */
      geometry: Record<string, never>;
      /** @description The parcels it is made of. */
      parcels: string[];
      /**
       * Format: int32
       * @description The best rank that missing facts, of this site and of all others, leave open; null where it has none.
       */
      rank_best?: number | null;
      /**
       * Format: int32
       * @description The worst.
       */
      rank_worst?: number | null;
    };
    /** @description How many households a site has. */
    SiteFamilies: {
      /** @description Households that the reader may know of. */
      families: number;
      /** @description The site's id. */
      id: string;
    };
    /** @description A site of a decision. */
    SiteName: {
      /** @description Its id. */
      id: string;
      /**
       * Format: double
       * @description Degrees north.
       */
      lat: number;
      /**
       * Format: double
       * @description Degrees east.
       */
      lon: number;
      /** @description What people call it. */
      name: components["schemas"]["Text"];
    };
    /** @description A page of the list. */
    SitePage: {
      /** @description Give it as `after` for the next page; null on the last. */
      next?: string | null;
      /** @description By rank, then those of which too little is known, then the excluded. */
      sites: components["schemas"]["SiteSummary"][];
    };
    /** @description A site's rank under each method. */
    SiteRanks: {
      /**
       * Format: int32
       * @description Row in the matrix.
       */
      i: number;
      /** @description Its id. */
      id: string;
      /** @description Rank under each of `methods`; null where it has none. */
      ranks: (number | null)[];
    };
    /** @description How one site fares. */
    SiteRobustness: {
      /** @description Mean of the weights under which it comes first, by criterion; null where it never does. */
      central_weights?: number[] | null;
      /**
       * Format: double
       * @description With these weights, the share of what missing facts leave open in which it comes first.
       */
      confidence?: number | null;
      /**
       * Format: int32
       * @description Row in the matrix.
       */
      i: number;
      /** @description Its id. */
      id: string;
      /** @description Share of draws that give it rank 1, 2, … */
      ranks: number[];
    };
    /** @description Sites that together hold everybody who would move. */
    SiteSet: {
      /**
       * Format: double
       * @description What they cost, built out, US dollars; null where no cost of theirs is known. A cost between bounds counts with its higher
       *     end.
       */
      cost?: number | null;
      /** @description How many of them have an unknown cost, which is in no sum. */
      costs_unknown: number;
      /**
       * Format: double
       * @description By how much the best answer may differ (in cost, or in score within a budget), as a share of this one: 0 where this is
       *     proved to be it.
       */
      gap: number;
      /**
       * Format: int64
       * @description Households that they hold.
       */
      room: number;
      /**
       * Format: double
       * @description Mean score over the households, the better sites filled first.
       */
      score: number;
      /** @description Their ids, by rank. */
      sites: string[];
      /** @description Whether the cost keeps the budget; null without one, or where an unknown cost leaves it open. */
      within_budget?: boolean | null;
    };
    /** @description A site in the list. */
    SiteSummary: {
      /**
       * Format: double
       * @description Net area in square metres.
       */
      area_m2: number;
      /**
       * Format: int32
       * @description Households it can hold.
       */
      capacity: number;
      /**
       * Format: double
       * @description Highest cost of a household's place; the same as the lowest where it is exactly known.
       */
      cost_per_household_high?: number | null;
      /**
       * Format: double
       * @description Lowest cost of a household's place, US dollars; null where it is not known, or without unit costs.
       */
      cost_per_household_low?: number | null;
      /** @description Exclusions that it fails or of which it is not known. */
      excluded: components["schemas"]["Exclusion"][];
      /** @description What to find out: ids of the criteria of which nothing is known, by falling weight. */
      find_out: string[];
      /**
       * Format: double
       * @description The highest.
       */
      highest: number;
      /**
       * Format: int32
       * @description Row in the matrix and id of the feature in tiles.
       */
      i: number;
      /** @description Its id. */
      id: string;
      khan?: components["schemas"]["Place"] | null;
      /**
       * Format: double
       * @description Latitude of that point, degrees.
       */
      lat: number;
      /**
       * Format: double
       * @description Longitude of a point on it, degrees.
       */
      lon: number;
      /**
       * Format: double
       * @description The lowest score that missing facts allow.
       */
      lowest: number;
      /** @description What people call it. */
      name: components["schemas"]["Text"];
      /**
       * Format: int32
       * @description Rank; null where it has none.
       */
      rank?: number | null;
      sangkat?: components["schemas"]["Place"] | null;
      /**
       * Format: double
       * @description Score, 0 to 1; null where it has none.
       */
      score?: number | null;
      /**
       * @description `ranked`; `excluded`; `exclusion_unknown` where nobody knows whether a limit excludes it: under the rule `lowest` it
       *     stands behind all sites that pass for certain, and `excluded` says which limit is open;
       *     `too_little_known` where it has no rank because too much of the weight is unknown.
       */
      status: string;
      /**
       * Format: double
       * @description Share of the weight of which nothing is known, 0 to 1; criteria for which no layer is loaded are left out.
       */
      unknown_share: number;
    };
    /** @description Weights at which two sites tie. */
    SmallestSwap: {
      /** @description Whether going any further swaps them; false where the one behind can draw level but never overtake. */
      can_overtake: boolean;
      /** @description What changes, most first. */
      changes: components["schemas"]["WeightChange"][];
      /** @description Shares by criterion, in the scenario's order. */
      weights: number[];
    };
    /** @description A street, or the part of one that lies by itself. */
    Street: {
      /** @description West, south, east, north in degrees. */
      bounds: number[];
      /**
       * Format: double
       * @description Latitude of that place, degrees.
       */
      lat: number;
      /**
       * Format: double
       * @description Longitude of a place on it, degrees.
       */
      lon: number;
      /** @description Its name; a language that has none shows the other's. */
      name: components["schemas"]["Text"];
      sangkat?: components["schemas"]["Place"] | null;
    };
    /** @description Streets, those that fit best first. */
    StreetList: {
      /** @description The streets. */
      streets: components["schemas"]["Street"][];
    };
    /** @description An answer to a task, or its end. */
    TaskChange: {
      /** @description What came back; null where the task is taken back. */
      answer?: string | null;
    };
    /** @description A task that was given out. */
    TaskMade: {
      /** @description Its id. */
      id: string;
    };
    /** @description The place of a task. */
    TaskPlace: {
      /** @description The site's id. */
      id: string;
      /**
       * Format: double
       * @description Degrees north.
       */
      lat: number;
      /**
       * Format: double
       * @description Degrees east.
       */
      lon: number;
      /** @description What people call it. */
      name: string;
    };
    /** @description A task to be given out. */
    TaskRequest: {
      /** @description Until when. */
      due?: string | null;
      /** @description What is to be found out, 1 to 1,000 characters. Nothing about a household. */
      question: string;
      site?: components["schemas"]["TaskPlace"] | null;
    };
    /** @description Words for people in both languages. */
    Text: {
      /** @description English. */
      en: string;
      /** @description Khmer. */
      km: string;
    };
    /** @description Numbers of sites. */
    Totals: {
      /** @description Excluded. */
      excluded: number;
      /** @description With a rank. */
      ranked: number;
      /** @description All. */
      sites: number;
      /** @description Not excluded, but without a rank because too little is known. */
      too_little_known: number;
      /** @description With at least one fact missing. */
      with_unknowns: number;
    };
    /** @description Facts that would most narrow the top of the list: a task for a field team. */
    Unknowns: {
      /** @description The facts, the most useful first. */
      facts: components["schemas"]["Fact"][];
      /** @description How many places count as the top. */
      top: number;
    };
    /** @description One visit of the schedule. */
    VisitSetup: {
      /**
       * Format: int32
       * @description Days before its day on which its window opens.
       */
      early_days: number;
      /**
       * Format: int32
       * @description Days after its day on which its window closes.
       */
      late_days: number;
      /**
       * Format: int32
       * @description Months after the move.
       */
      months: number;
    };
    /** @description What a planner should know. */
    Warning: {
      /** @description Stable, for programs. */
      code: string;
      /** @description The criterion it is about. */
      criterion?: string | null;
      /** @description A sentence. */
      message: string;
      said?: components["schemas"]["Said"] | null;
    };
    /** @description A change of one weight. */
    WeightChange: {
      /** @description The criterion's id. */
      criterion: string;
      /**
       * Format: double
       * @description Its share now.
       */
      from: number;
      /**
       * Format: double
       * @description Its share then.
       */
      to: number;
    };
    /** @description Long work under way, in the order in which it began; empty where there is none. */
    WorkList: {
      /** @description The work. */
      work: components["schemas"]["WorkStep"][];
    };
    /** @description The step at which some work is. */
    WorkStep: {
      /**
       * Format: int64
       * @description How much of it is done.
       */
      done: number;
      /** @description What is being done. */
      step: components["schemas"]["Text"];
      /**
       * Format: int64
       * @description How much there is to do; null where that is not known.
       */
      total?: number | null;
    };
    /** @description Somebody in whose hands a household is. */
    Worker: {
      /** @description The account. */
      account: string;
      /** @description The person's name; null where it belongs to another team. */
      name?: string | null;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
