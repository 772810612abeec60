//! What is said about mistakes, and where.

use super::{errors, load_with};

const EIGHT: &str = r#"# Each line that is wrong says what is wrong with it.
global:
  timezone: Asia/Shanghai
  timezon: UTC                          # 1: unknown key in a section
delivery:
  retry: 5s                             # 2: a text where a list is expected
receivers:
  - name: ops
    conditions:
      - {label: severity, operator: Inn, values: [critical]}   # 3: operator
      - label: namespace
        operator: Match
        values: ["kube-(system"]        # 4: regular expression
    chatbots:
      - name: no-token                  # 5: no access token at all
        secret: SECabc
      - name: two-tokens
        access_token: 0123
        access_token_file: token        # 6: a second source for the token
      - name: unset
        access_token: abc
        secret: ${OPS_SECRET}           # 7: the variable is not set
      - name: deep
        access_token: def
        rate: {messages: 20, pre: 1m}   # 8: unknown key further down
"#;

#[test]
fn eight_mistakes_give_eight_lines_with_their_places() {
    insta::assert_snapshot!(errors(EIGHT));
}
