// The one place that sees yaml-cpp.
#include "json/host/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>

#include "json/utf8.h"

namespace weir::json {
namespace {

// Ends the parse from inside a callback; caught below.
struct Stop {
  SyntaxError error;
};

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

// Reads a text where it stands, for it may be secret, and copies would stay behind.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

// Offsets of the starts of lines.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }
  // Without its end; empty past the last.
  std::string_view line(std::uint32_t number) const {
    if (number == 0 || number > starts_.size()) return {};
    const std::size_t begin = starts_[number - 1];
    return text_.substr(begin, text_.find_first_of("\r\n", begin) - begin);
  }
  // Is there a closing quote to the one at this offset of a line?
  bool quote_ends(std::uint32_t number, std::size_t offset) const {
    std::size_t at = starts_[number - 1] + offset;
    const char quote = text_[at];
    for (++at; at < text_.size(); ++at) {
      if (text_[at] == '\\' && quote == '"') {
        ++at;
      } else if (text_[at] == quote) {
        if (quote == '"' || at + 1 == text_.size() || text_[at + 1] != quote) return true;
        ++at;
      }
    }
    return false;
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(starts_.size()); }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

std::size_t leading_spaces(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// yaml-cpp gives for the escapes \N and \_ their code point as a single byte.
std::string with_all_escapes(const std::string& text) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t length = decode_utf8(std::string_view(text).substr(i)).length;
    if (length == 0) {
      out.append(text, done, i - done);
      out += '\xc2';
      done = i;
    }
    i += std::max<std::size_t>(length, 1);
  }
  if (done == 0 && out.empty()) return text;
  return out.append(text, done);
}

class Collector : public YAML::EventHandler {
 public:
  Collector(const Lines& lines, YamlDocument& document) : lines_(lines), document_(document) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      throw Stop{{place_of(mark), "a second document; one file holds one YAML document"}};
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(YamlNode::Kind::kNull, mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) throw Stop{{place_of(mark), "an alias without its anchor"}};
    const std::uint32_t node = target->second;
    document_.nodes[add(YamlNode::Kind::kAlias, mark, 0)].target = node;
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode& node = document_.nodes[add(YamlNode::Kind::kScalar, mark, anchor)];
    node.tag = tag;
    node.text = with_all_escapes(value);
    if (tag != "?") look_closer(node);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  std::uint32_t add(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    const auto index = static_cast<std::uint32_t>(document_.nodes.size());
    const Place place = place_of(mark);
    if (index >= kYamlNodesMax) {
      throw Stop{{place, fmt::format("more than {} nodes", kYamlNodesMax)}};
    }
    if (!open_.empty()) document_.nodes[open_.back()].children.push_back(index);
    YamlNode& node = document_.nodes.emplace_back();
    node.kind = kind;
    node.place = place;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = index;
    return index;
  }
  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (open_.size() >= kDepthMax) {
      throw Stop{{place_of(mark), fmt::format("nested deeper than {} levels", kDepthMax)}};
    }
    open_.push_back(add(kind, mark, anchor));
    document_.nodes[open_.back()].tag = tag;
  }

  // yaml-cpp does not tell a block scalar from a quoted one, and takes the end of the text for a
  // closing quote: the text at the scalar's place says more.
  void look_closer(const YamlNode& node) {
    const std::string_view line = lines_.line(node.place.line);
    std::size_t at = node.place.column - 1;
    while (at < line.size() && (line[at] == '!' || line[at] == '&')) {  // properties come first
      at = line.find_first_of(" \t", at);
      at = line.find_first_not_of(" \t", at);
    }
    if (at >= line.size()) return;
    if (line[at] == '|' || line[at] == '>') note_block(node);
    if ((line[at] == '"' || line[at] == '\'') && !lines_.quote_ends(node.place.line, at)) {
      throw Stop{{node.place, "a quoted text that does not end"}};
    }
  }

  void note_block(const YamlNode& node) {
    std::uint32_t first = node.place.line + 1;
    std::uint32_t filled = first;
    while (filled < lines_.count() &&
           leading_spaces(lines_.line(filled)) == lines_.line(filled).size()) {
      ++filled;
    }
    // What the value's first filled line keeps of its spaces is content, the rest indentation.
    const std::size_t text = std::min(node.text.find_first_not_of('\n'), node.text.size());
    const std::size_t kept = leading_spaces(std::string_view(node.text).substr(text));
    const std::size_t spaces = leading_spaces(lines_.line(filled));
    const std::size_t indent = spaces > kept ? spaces - kept : 0;
    document_.blocks.push_back({node.place, {first, static_cast<std::uint32_t>(indent + 1)}});
  }

  const Lines& lines_;
  YamlDocument& document_;
  std::vector<std::uint32_t> open_;
  std::unordered_map<YAML::anchor_t, std::uint32_t> anchors_;
  int documents_ = 0;
};

// yaml-cpp's words, without what it may quote of the text.
std::string cleaned(const std::string& message) {
  if (message.starts_with("end of map")) return "a map that does not end, or a name without value";
  if (message.starts_with("end of sequence"))
    return "a list that does not end, or is badly indented";
  if (message.starts_with("illegal map value")) {
    return "a ':' that cannot stand here; put a text that holds one in quotes";
  }
  return message.substr(0, message.find_first_of(":\"(*&"));
}

// What YAML does not allow in a text at all; yaml-cpp would take some of it for the end.
std::optional<SyntaxError> check_characters(std::string_view text) {
  std::uint32_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const Place place{line, static_cast<std::uint32_t>(i - line_start + 1)};
    if (byte == '\n') {
      ++line;
      line_start = i + 1;
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      return SyntaxError{place, "a control character; write it as an escape in double quotes"};
    }
    const CodePoint point = decode_utf8(text.substr(i));
    if (point.length == 0) return SyntaxError{place, "not UTF-8"};
    i += point.length;
  }
  return std::nullopt;
}

}  // namespace

tl::expected<YamlDocument, SyntaxError> read_yaml_document(std::string_view text) {
  if (text.size() > kYamlBytesMax) {
    return tl::unexpected<SyntaxError>(
        SyntaxError{{}, fmt::format("longer than {} bytes", kYamlBytesMax)});
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (auto problem = check_characters(text)) return tl::unexpected<SyntaxError>(*problem);
  YamlDocument document;
  const Lines lines(text);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    Collector collector(lines, document);
    while (parser.HandleNextDocument(collector)) {
    }
  } catch (const Stop& stop) {
    return tl::unexpected<SyntaxError>(stop.error);
  } catch (const YAML::Exception& problem) {
    return tl::unexpected<SyntaxError>(SyntaxError{place_of(problem.mark), cleaned(problem.msg)});
  } catch (const std::exception&) {
    return tl::unexpected<SyntaxError>(SyntaxError{{}, "the YAML could not be read"});
  }
  return document;
}

}  // namespace weir::json
