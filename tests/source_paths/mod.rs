//! What source files import, read from their text: enough of Rust's and TypeScript's grammar for that, and no more.

/// A word, a string's contents, or any other character that is not space. Comments are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    TypeScript,
}

fn tokens(source: &str, language: Language) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
        at += match rest {
            ['/', '/', ..] => rest.iter().take_while(|c| **c != '\n').count(),
            ['/', '*', ..] => rest.windows(2).position(|pair| pair == ['*', '/']).map_or(rest.len(), |end| end + 2),
            // A Rust character; what begins a lifetime is a mark.
            ['\'', '\\', _, ..] if language == Language::Rust => {
                3 + rest[3..].iter().take_while(|c| **c != '\'').count() + 1
            }
            ['\'', _, '\'', ..] if language == Language::Rust => 3,
            ['r', '#', '"', ..] if language == Language::Rust => {
                rest.windows(2).position(|pair| pair == ['"', '#']).map_or(rest.len(), |end| end + 2)
            }
            [quote @ ('"' | '\''), ..] if *quote == '"' || language == Language::TypeScript => {
                let mut end = 1;
                // TypeScript's strings end with their line, so that a quote within a regular expression does no harm.
                let ends = |c: char| c == *quote || (language == Language::TypeScript && c == '\n');
                while end < rest.len() && !ends(rest[end]) {
                    end += if rest[end] == '\\' { 2 } else { 1 };
                }
                tokens.push(Token::Text(rest[1..end.min(rest.len())].iter().collect()));
                end + 1
            }
            [first, ..] if is_word(first) => {
                let word: String = rest.iter().take_while(|c| is_word(c)).collect();
                let len = word.chars().count();
                tokens.push(Token::Word(word));
                len
            }
            [first, ..] => {
                if !first.is_whitespace() {
                    tokens.push(Token::Mark(*first));
                }
                1
            }
            [] => 1,
        };
    }
    tokens
}

/// The paths within the crate that a Rust source names, each from the crate's root: `use` of one or of many at once, and
/// paths in the midst of code. `module` is where the source stands, such as `["codec", "registry"]`.
pub fn crate_paths(source: &str, module: &[&str]) -> Vec<Vec<String>> {
    let tokens = tokens(source, Language::Rust);
    let mut module: Vec<String> = module.iter().map(|name| name.to_string()).collect();
    // How deep in braces each module that is written inline was opened.
    let mut inline = Vec::new();
    let mut depth = 0;
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [Token::Word(word), Token::Word(name), Token::Mark('{'), ..] if word == "mod" => {
                module.push(name.clone());
                inline.push(depth);
                depth += 1;
                at += 3;
                continue;
            }
            [Token::Mark('{'), ..] => depth += 1,
            [Token::Mark('}'), ..] => {
                depth -= 1;
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
            }
            [Token::Word(word), Token::Mark(':'), Token::Mark(':'), ..]
                if matches!(word.as_str(), "crate" | "self" | "super") =>
            {
                at = read_tree(&tokens, at, &[], &mut |path| paths.extend(from_root(&path, &module)));
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    paths
}

/// Reads `a::b`, `a::{b, c::d}` or `a::*`, beginning at a word or brace, and answers where it ends.
fn read_tree(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut dyn FnMut(Vec<String>)) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Word(word)) => path.push(word.clone()),
            Some(Token::Mark('{')) => {
                at += 1;
                while !matches!(tokens.get(at), None | Some(Token::Mark('}'))) {
                    at = match &tokens[at..] {
                        [Token::Word(_) | Token::Mark('{'), ..] => read_tree(tokens, at, &path, found),
                        _ => at + 1,
                    };
                }
                return at + 1;
            }
            // A glob, or the `<` of generic arguments.
            _ => break,
        }
        match tokens.get(at + 1..at + 3) {
            Some([Token::Mark(':'), Token::Mark(':')]) => at += 3,
            _ => {
                at += 1;
                break;
            }
        }
    }
    found(path);
    at
}

/// A path that begins with `crate`, `self` or `super`, from the root of the crate.
fn from_root(path: &[String], module: &[String]) -> Option<Vec<String>> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let base = match path.first().map(String::as_str) {
        Some("crate") => &[],
        Some("self") => module,
        Some("super") => &module[..module.len().checked_sub(supers)?],
        _ => return None,
    };
    Some([base, &path[supers.max(1)..]].concat())
}

/// The modules that a TypeScript source imports or exports from, as it writes them.
pub fn module_specifiers(source: &str) -> Vec<String> {
    let tokens = tokens(source, Language::TypeScript);
    let mut specifiers = Vec::new();
    for at in 0..tokens.len() {
        match &tokens[at..] {
            [Token::Word(word), Token::Text(text), ..] if word == "from" || word == "import" => {
                specifiers.push(text.clone())
            }
            [Token::Word(word), Token::Mark('('), Token::Text(text), ..] if word == "import" => {
                specifiers.push(text.clone());
            }
            _ => {}
        }
    }
    specifiers
}
