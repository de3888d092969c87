// weir template render
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace weir::cli {
namespace {

TEST(TemplateRender, PrintsTheResultAndNothingElse) {
  struct Case {
    std::string text;
    Words options;
    std::string result;
  };
  const Case cases[] = {
      {"plain", {}, "plain"},
      {"\"{{name}}\"", {"--data", "data.json"}, "\"a \\\"b\\\" <c>\""},
      {"{{{name}}}", {"--data", "data.json"}, "a \"b\" <c>"},
      {"{{json list}}", {"--data", "data.json"}, "[1,{\"x\":null}]"},
      {"{{#each list}}[{{@index}}]{{/each}}", {"--data", "data.json"}, "[0][1]"},
      {"{{name}}", {"--data", "data.json", "--escape", "html"}, "a &quot;b&quot; &lt;c&gt;"},
      {"{{name}}", {"--data", "data.json", "--escape", "none"}, "a \"b\" <c>"},
      {"<{{nothing}}>", {"--data", "data.json", "--lenient"}, "<>"},
      {"{{> row}}{{> row}}", {"--data", "data.json", "--partial", "row=row.hbs"}, "(7)(7)"},
      {"{{> a}}{{> b}}",
       {"--data", "data.json", "--partial", "a=row.hbs", "--partial", "b=text.hbs"},
       "(7)text"},
  };
  const Folder folder;
  folder.write("data.json", R"({"name": "a \"b\" <c>", "list": [1, {"x": null}], "n": 7})");
  folder.write("row.hbs", "({{n}})");
  folder.write("text.hbs", "text");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    folder.write("template.hbs", c.text);
    Words words{"template", "render", "template.hbs"};
    words.insert(words.end(), c.options.begin(), c.options.end());
    const Ran ran = folder.run(words);
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, c.result);
    EXPECT_EQ(ran.err, "");
  }
}

TEST(TemplateRender, ErrorsNameThePlaceAndNothingIsPrinted) {
  struct Case {
    std::string text;
    Words options;
    std::string says;
  };
  const Case cases[] = {
      {"one\n  {{nothing}}", {}, "template.hbs:2:5: "},
      {"{{#if x}}", {}, "template.hbs:1:"},
      {"{{> row}}", {}, "template.hbs:1:"},
      {"x", {"--data", "missing.json"}, "missing.json"},
      {"x", {"--data", "broken.json"}, "broken.json:2:1: "},
      {"{{> row}}", {"--partial", "row=missing.hbs"}, "missing.hbs"},
      {"{{> row}}", {"--partial", "row"}, "--partial wants NAME=FILE"},
  };
  const Folder folder;
  folder.write("broken.json", "{\n");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    folder.write("template.hbs", c.text);
    Words words{"template", "render", "template.hbs"};
    words.insert(words.end(), c.options.begin(), c.options.end());
    const Ran ran = folder.run(words);
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(c.says), std::string::npos) << ran.err;
  }
}

TEST(TemplateRender, ReadsStandardInput) {
  const Folder folder;
  EXPECT_EQ(folder.run({"template", "render", "-"}, "{{{{raw}}}}").code, 1);
  EXPECT_EQ(folder.run({"template", "render", "-"}, "hello").out, "hello");
  folder.write("t.hbs", "{{a}}");
  EXPECT_EQ(folder.run({"template", "render", "t.hbs", "--data", "-"}, "{\"a\": 1.50}").out,
            "1.50");
}

}  // namespace
}  // namespace weir::cli
