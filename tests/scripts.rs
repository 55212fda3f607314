//! Stories in plain text: each command in `tests/scripts/*.txt` is given to the machine, and what it answers is compared
//! with what stands there. `UPDATE_SCRIPTS=1` writes the answers down instead; `tests/scripts/README.md` says how to read
//! and write a story. The reference model is told the same, and has to agree.
#![cfg(all(feature = "serde", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a story that cannot be read is a failed test")]

mod show;
mod story;
mod words;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use self::story::Story;

/// The stories, by file name.
fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut scripts: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    assert!(!scripts.is_empty(), "there are no stories");
    scripts.sort();
    scripts
}

/// The same story with what the machine answers now.
fn retold(text: &str) -> Result<String, String> {
    let mut story = Story::begin()?;
    let (mut told, mut answers) = (String::new(), String::new());
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        show::push(&mut told, line);
        if line == "---" {
            if answers.is_empty() {
                return Err(format!("{number}: no command is to be answered"));
            }
            show::push(&mut told, &answers);
            answers.clear();
            let _ = lines.by_ref().find(|(_, line)| line.is_empty());
        } else if !line.is_empty() && !line.starts_with('#') {
            answers += &story.tell(line).map_err(|error| format!("{number}: {error}"))?;
        }
    }
    if !answers.is_empty() {
        return Err(format!("{}: --- is missing behind the last command", text.lines().count()));
    }
    Ok(told.trim_end().to_owned() + "\n")
}

/// Rules that the header names and that there are not.
fn unknown_rules(text: &str) -> Option<String> {
    let header = text.lines().take_while(|line| line.starts_with('#'));
    let Some(ids) = header.clone().find_map(|line| line.strip_prefix("# Rules: ")) else {
        return Some("1: the header has no line `# Rules: `".to_owned());
    };
    let is_rule = |id: &&str| include_str!("../src/rules.md").contains(&format!("\n| {id} | "));
    let unknown: Vec<&str> = ids.split(", ").filter(|id| !is_rule(id)).collect();
    (!unknown.is_empty()).then(|| format!("{}: there is no rule {}", header.count(), unknown.join(", ")))
}

/// Where two texts first differ, and how.
fn difference(written: &str, told: &str) -> String {
    let mut pairs = (1..).zip(written.lines().map(Some).chain([None]).zip(told.lines().map(Some).chain([None])));
    match pairs.find(|(_, (written, told))| written != told) {
        Some((number, (written, told))) => format!(
            "{number}: it is not told as written\n  written: {}\n     told: {}",
            written.unwrap_or("(the end)"),
            told.unwrap_or("(the end)")
        ),
        None => "the blanks at the end differ".to_owned(),
    }
}

#[test]
fn every_story_is_told_as_written() {
    let is_update = env::var_os("UPDATE_SCRIPTS").is_some();
    let mut faults = Vec::new();
    for path in scripts() {
        let written = fs::read_to_string(&path).unwrap();
        let fault = match retold(&written) {
            _ if unknown_rules(&written).is_some() => unknown_rules(&written).unwrap_or_default(),
            Ok(told) if told == written => continue,
            Ok(told) if is_update => {
                fs::write(&path, told).unwrap();
                continue;
            }
            Ok(told) => difference(&written, &told),
            Err(error) => error,
        };
        faults.push(format!("{}:{fault}", path.display()));
    }
    assert!(faults.is_empty(), "{}\nUPDATE_SCRIPTS=1 writes down what is told now.", faults.join("\n"));
}

#[test]
fn what_a_story_does_not_understand_is_a_fault_with_its_line() {
    for (line, fault) in [
        ("dance", "2: `dance` is no command; tests/scripts/README.md lists them"),
        ("session", "2: sid is missing"),
        ("session KC1 KC2", "2: `KC"),
        ("session KC1 colour=red", "2: unknown field `colour`"),
        ("session KC1 ttl=1h ttl=2h", "2: `ttl` stands twice"),
        ("session KC1 ttl=soon", "2: invalid type: string \"soon\""),
        ("session KP1", "2: the SID starts with `KP`, not with KC"),
        ("add KC1 KP1 +1", "2: "),
        ("number PN1 +14155551212 capabilities=fax", "2: `fax` is no capability"),
        ("send KC1 KP1 KI1 \"Hello", "2: what stands in \" is no JSON text"),
        ("send KC1 KP1 KI1 \"Hello\"!", "2: a blank is missing before `!`"),
        ("advance soon", "2: `soon` is no span of time"),
        ("close KC1 status=open", "2: `status` is given by the command"),
        ("update KS2 default_ttl=60", "2: the SID starts with `KS`, not with PN"),
        ("latest news", "2: `news` is not expected here"),
        ("verdict KI1 200 because=so", "2: `because=so` is not expected here"),
        ("call KI1 +14155550001 +14155550002", "2: -> has to stand behind the caller"),
        ("policy allow_participant_conflict=maybe", "2: invalid type"),
        ("deadline\nservice", "3: there is a service already"),
        ("---", "2: no command is to be answered"),
        ("deadline", "2: --- is missing behind the last command"),
    ] {
        let told = retold(&format!("# A story.\n{line}\n"));
        assert!(told.as_ref().is_err_and(|error| error.starts_with(fault)), "{line}: {told:?}");
    }
}
