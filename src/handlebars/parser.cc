// Recursive descent over the tokens. The depth of recursion is that of the tree, which kNestingMax
// bounds. A function that returns false has set error_.
#include "handlebars/parser.h"

#include <fmt/core.h>

#include <optional>
#include <utility>

#include "handlebars/helpers.h"
#include "handlebars/lexer.h"

namespace weir::handlebars {
namespace {

std::string_view describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kText: return "text";
    case TokenKind::kComment: return "a comment";
    case TokenKind::kClose: return "the end of the tag";
    case TokenKind::kEnd: return "the end of the template";
    case TokenKind::kInverse:
    case TokenKind::kOpenInverseChain: return "else";
    case TokenKind::kOpenParams: return "as |";
    case TokenKind::kId:
    case TokenKind::kSeparator:
    case TokenKind::kString:
    case TokenKind::kNumber:
    case TokenKind::kTrue:
    case TokenKind::kFalse:
    case TokenKind::kNull:
    case TokenKind::kUndefined:
    case TokenKind::kData:
    case TokenKind::kEquals:
    case TokenKind::kOpenParen:
    case TokenKind::kCloseParen:
    case TokenKind::kCloseParams: return token.text;
    default: return "a tag";
  }
}

class Parser {
 public:
  Parser(Tree& tree, std::vector<Token> tokens) : tree_(tree), tokens_(std::move(tokens)) {}

  std::optional<TemplateError> run() {
    if (parse_program(tree_.root) && peek().kind != TokenKind::kEnd) stray();
    return std::move(error_);
  }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool fail(std::uint32_t offset, std::string message) {
    if (!error_) error_ = tree_.error(offset, std::move(message));
    return false;
  }
  // The next token cannot stand here.
  bool unexpected(std::string_view expected) {
    const Token& token = peek();
    if (token.kind == TokenKind::kError) return fail(token.offset, std::string(token.text));
    return fail(token.offset,
                fmt::format("expected {}, found {}", expected, shown(describe(token))));
  }
  bool expect(TokenKind kind, std::string_view what) {
    if (peek().kind != kind) return unexpected(what);
    take();
    return true;
  }
  bool stray() {
    switch (peek().kind) {
      case TokenKind::kInverse:
      case TokenKind::kOpenInverseChain: return fail(peek().offset, "else outside of a block");
      case TokenKind::kOpenEnd:
        return fail(peek().offset, "this tag closes a block that is not open");
      default: return unexpected("a tag or text");
    }
  }

  // Counts one level of nesting while it lives.
  class Level {
   public:
    Level(Parser& parser, std::uint32_t offset) : parser_(parser) {
      if (++parser_.depth_ <= kNestingMax) return;
      ok_ = parser_.fail(offset, fmt::format("nested deeper than {} levels", kNestingMax));
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    bool ok() const { return ok_; }

   private:
    Parser& parser_;
    bool ok_ = true;
  };

  // ---- statements -------------------------------------------------------------------------------

  // Up to a token that ends a program; the caller judges which.
  bool parse_program(Program& program) {
    if (!program.params.empty()) scopes_.push_back(&program.params);
    bool ok = true;
    while (ok && !ends_program(peek().kind)) ok = parse_statement(program);
    if (!program.params.empty()) scopes_.pop_back();
    return ok && (peek().kind != TokenKind::kError || unexpected(""));
  }

  static bool ends_program(TokenKind kind) {
    return kind == TokenKind::kOpenEnd || kind == TokenKind::kInverse ||
           kind == TokenKind::kOpenInverseChain || kind == TokenKind::kEndRaw ||
           kind == TokenKind::kEnd || kind == TokenKind::kError;
  }

  template <typename T>
  void add(Program& program, std::uint32_t offset, T node) {
    program.statements.push_back({.offset = offset, .node = std::move(node)});
  }

  bool parse_statement(Program& program) {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::kText: {
        // Whitespace control may have dropped its beginning.
        const auto offset = static_cast<std::uint32_t>(token.text.data() - tree_.text.data());
        add(program, offset, Text{.value = take().text});
        return true;
      }
      case TokenKind::kComment:
        add(program, token.offset, Comment{.value = take().text});
        return true;
      case TokenKind::kOpen:
      case TokenKind::kOpenUnescaped: return parse_mustache(program);
      case TokenKind::kOpenBlock:
      case TokenKind::kOpenInverse: return parse_block(program);
      case TokenKind::kOpenRaw: return parse_raw_block(program);
      case TokenKind::kOpenDecorator:
      case TokenKind::kOpenDecoratorBlock: return parse_decorator(program);
      case TokenKind::kOpenPartial:
      case TokenKind::kOpenPartialBlock: return parse_partial(program);
      default: return unexpected("a tag or text");
    }
  }

  bool parse_mustache(Program& program) {
    const Token& open = take();
    Mustache mustache;
    mustache.escaped = open.kind == TokenKind::kOpen && !open.verbatim;
    if (peek().kind == TokenKind::kOpenParen) {
      // {{(lookup a "b")}} is {{lookup a "b"}}.
      Expression call;
      if (!parse_subexpression(call)) return false;
      if (peek().kind != TokenKind::kClose) {
        return fail(peek().offset, "a subexpression takes no arguments from outside");
      }
      mustache.call = std::move(*call.call);
    } else if (!parse_call(mustache.call)) {
      return false;
    }
    if (!expect(TokenKind::kClose, "an argument or the end of the tag")) return false;
    add(program, open.offset, std::move(mustache));
    return true;
  }

  // Callee, arguments, block parameters and closing braces of a block's tag.
  bool parse_open(Call& call, std::vector<std::string_view>& params) {
    if (!parse_call(call)) return false;
    if (peek().kind == TokenKind::kOpenParams) {
      take();
      while (peek().kind == TokenKind::kId) params.push_back(take().text);
      if (params.empty()) return unexpected("the name of a block parameter");
      if (!expect(TokenKind::kCloseParams, "a name or |")) return false;
    }
    return expect(TokenKind::kClose, "an argument or the end of the tag");
  }

  bool parse_block(Program& into) {
    const Token& open = take();
    const Level level(*this, open.offset);
    if (!level.ok()) return false;
    Block block;
    auto body = std::make_unique<Program>();
    if (!parse_open(block.call, body->params) || !parse_program(*body)) return false;
    if (open.kind == TokenKind::kOpenInverse) {
      block.inverse = std::move(body);
      if (peek().kind == TokenKind::kInverse) {
        take();
        block.program = std::make_unique<Program>();
        if (!parse_program(*block.program)) return false;
      }
    } else {
      block.program = std::move(body);
      if (!parse_else(block)) return false;
    }
    if (!parse_end(open.offset, block.call.callee.path.original)) return false;
    add(into, open.offset, std::move(block));
    return true;
  }

  // {{else}}, or {{else if …}}, which is an else that holds nothing but a block and shares its end.
  bool parse_else(Block& block) {
    const Token& token = peek();
    if (token.kind != TokenKind::kInverse && token.kind != TokenKind::kOpenInverseChain)
      return true;
    take();
    block.inverse = std::make_unique<Program>();
    if (token.kind == TokenKind::kInverse) return parse_program(*block.inverse);
    const Level level(*this, token.offset);
    if (!level.ok()) return false;
    Block inner;
    inner.program = std::make_unique<Program>();
    if (!parse_open(inner.call, inner.program->params) || !parse_program(*inner.program) ||
        !parse_else(inner)) {
      return false;
    }
    add(*block.inverse, token.offset, std::move(inner));
    return true;
  }

  bool parse_end(std::uint32_t open_offset, std::string_view name) {
    const Token& token = peek();
    if (token.kind == TokenKind::kEnd) {
      return fail(open_offset, fmt::format("the block \"{}\" is not closed", shown(name)));
    }
    if (token.kind == TokenKind::kInverse || token.kind == TokenKind::kOpenInverseChain) {
      return fail(token.offset, "this block has no place for another else");
    }
    if (!expect(TokenKind::kOpenEnd, "the block's closing tag")) return false;
    Expression closing;
    if (!parse_atom(closing)) return false;
    if (closing.path.original != name) return mismatch(token.offset, name, closing.path.original);
    return expect(TokenKind::kClose, "the end of the tag");
  }

  bool mismatch(std::uint32_t offset, std::string_view open, std::string_view close) {
    return fail(offset,
                fmt::format("the open block is \"{}\", not \"{}\"", shown(open), shown(close)));
  }

  bool parse_raw_block(Program& into) {
    const Token& open = take();
    Block block;
    block.program = std::make_unique<Program>();
    if (!parse_call(block.call) || !expect(TokenKind::kClose, "an argument or }}}}") ||
        !parse_program(*block.program)) {
      return false;
    }
    const Token& end = peek();
    if (!expect(TokenKind::kEndRaw, "the end of the raw block")) return false;
    const std::string_view name = block.call.callee.path.original;
    if (end.text != name) return mismatch(end.offset, name, end.text);
    add(into, open.offset, std::move(block));
    return true;
  }

  bool parse_decorator(Program& into) {
    const Token& open = take();
    const Level level(*this, open.offset);
    if (!level.ok()) return false;
    Decorator decorator;
    if (open.kind == TokenKind::kOpenDecorator) {
      if (!parse_call(decorator.call) || !expect(TokenKind::kClose, "the end of the tag")) {
        return false;
      }
    } else {
      decorator.program = std::make_unique<Program>();
      if (!parse_open(decorator.call, decorator.program->params) ||
          !parse_program(*decorator.program) ||
          !parse_end(open.offset, decorator.call.callee.path.original)) {
        return false;
      }
    }
    into.has_decorators = true;
    add(into, open.offset, std::move(decorator));
    return true;
  }

  bool parse_partial(Program& into) {
    const Token& open = take();
    const Level level(*this, open.offset);
    if (!level.ok()) return false;
    Partial partial;
    partial.indent = open.indent;
    if (peek().kind == TokenKind::kOpenParen) {
      if (!parse_subexpression(partial.call.callee)) return false;
    } else if (!parse_atom(partial.call.callee)) {
      return false;
    }
    if (!parse_arguments(partial.call)) return false;
    if (partial.call.arguments.size() > 1) {
      return fail(partial.call.arguments[1].offset,
                  "a partial takes one context; further values need names: name=value");
    }
    if (!expect(TokenKind::kClose, "an argument or the end of the tag")) return false;
    if (open.kind == TokenKind::kOpenPartialBlock) {
      partial.indent = {};
      partial.program = std::make_unique<Program>();
      if (!parse_program(*partial.program) ||
          !parse_end(open.offset, partial.call.callee.path.original)) {
        return false;
      }
    }
    add(into, open.offset, std::move(partial));
    return true;
  }

  // ---- expressions ------------------------------------------------------------------------------

  bool parse_call(Call& call) {
    if (!parse_atom(call.callee)) return false;
    const Path& path = call.callee.path;
    if (path.simple()) {
      const std::string_view name = path.segments.front();
      if (name == "helperMissing" || name == "blockHelperMissing") {
        return fail(call.callee.offset,
                    fmt::format("\"{0}\" is a name of the language; write this.{0}", name));
      }
      call.helper = find_helper(name);
    }
    return parse_arguments(call);
  }

  static bool starts_atom(TokenKind kind) {
    switch (kind) {
      case TokenKind::kId:
      case TokenKind::kData:
      case TokenKind::kString:
      case TokenKind::kNumber:
      case TokenKind::kTrue:
      case TokenKind::kFalse:
      case TokenKind::kNull:
      case TokenKind::kUndefined: return true;
      default: return false;
    }
  }
  bool at_hash() const {
    return peek().kind == TokenKind::kId && peek(1).kind == TokenKind::kEquals;
  }

  // Positional arguments, then named ones.
  bool parse_arguments(Call& call) {
    while (!at_hash() && (starts_atom(peek().kind) || peek().kind == TokenKind::kOpenParen)) {
      if (!parse_argument(call.arguments.emplace_back())) return false;
    }
    while (at_hash()) {
      const std::string_view name = take().text;
      take();
      HashPair& pair = call.hash.emplace_back();
      pair.name = name;
      if (!parse_argument(pair.value)) return false;
    }
    if (!call.hash.empty() && (starts_atom(peek().kind) || peek().kind == TokenKind::kOpenParen)) {
      return fail(peek().offset, "arguments without a name come before those with one");
    }
    return true;
  }

  bool parse_argument(Expression& out) {
    return peek().kind == TokenKind::kOpenParen ? parse_subexpression(out) : parse_atom(out);
  }

  bool parse_subexpression(Expression& out) {
    const Token& open = take();
    const Level level(*this, open.offset);
    if (!level.ok()) return false;
    out.kind = ExpressionKind::kCall;
    out.offset = open.offset;
    out.call = std::make_unique<Call>();
    return parse_call(*out.call) && expect(TokenKind::kCloseParen, "an argument or )");
  }

  // A path or a literal.
  bool parse_atom(Expression& out) {
    const Token& token = peek();
    if (!starts_atom(token.kind)) return unexpected("a name");
    out.offset = token.offset;
    if (token.kind == TokenKind::kId || token.kind == TokenKind::kData) return parse_path(out);
    take();
    switch (token.kind) {
      case TokenKind::kString:
        out.kind = ExpressionKind::kString;
        out.literal = json::Value::string(token.text);
        break;
      case TokenKind::kNumber:
        out.kind = ExpressionKind::kNumber;
        out.literal = json::Value::number(token.text);
        break;
      case TokenKind::kTrue:
      case TokenKind::kFalse:
        out.kind = ExpressionKind::kBoolean;
        out.literal = json::Value::boolean(token.kind == TokenKind::kTrue);
        break;
      case TokenKind::kNull: out.kind = ExpressionKind::kNull; break;
      default: out.kind = ExpressionKind::kUndefined;
    }
    out.path.original = token.text;
    out.path.segments = {token.text};
    return true;
  }

  bool parse_path(Expression& out) {
    Path& path = out.path;
    std::string original;
    path.data = peek().kind == TokenKind::kData;
    if (path.data) {
      take();
      original = "@";
      if (peek().kind != TokenKind::kId) return unexpected("the name of a data variable");
    }
    for (bool first = true;; first = false) {
      const Token& part = take();
      original += part.text;
      const bool names_context =
          !part.verbatim && (part.text == ".." || part.text == "." || part.text == "this");
      if (names_context && !path.segments.empty()) {
        return fail(out.offset, fmt::format("\"{}\" is no path: this, . and .. can only begin one",
                                            shown(original)));
      }
      if (!names_context) path.segments.push_back(part.text);
      if (names_context && first) path.scoped = true;
      if (names_context && part.text == "..") ++path.depth;
      if (peek().kind != TokenKind::kSeparator) break;
      original += take().text;
      if (peek().kind != TokenKind::kId) return unexpected("a name after the separator");
    }
    path.original = tree_.arena.copy(original);
    if (!path.data && !path.scoped && path.depth == 0) resolve_param(path);
    return true;
  }

  void resolve_param(Path& path) const {
    for (std::size_t hops = 0; hops < scopes_.size(); ++hops) {
      const auto& names = *scopes_[scopes_.size() - 1 - hops];
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] != path.segments.front()) continue;
        path.param_hops = static_cast<std::int16_t>(hops);
        path.param_index = static_cast<std::uint16_t>(i);
        return;
      }
    }
  }

  Tree& tree_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<const std::vector<std::string_view>*> scopes_;  // block parameters in force
  std::optional<TemplateError> error_;
};

}  // namespace

Rendered<std::unique_ptr<const Tree>> parse_tree(std::string_view text,
                                                 const ParseOptions& options) {
  if (text.size() > kTemplateBytesMax) {
    return tl::unexpected<TemplateError>(
        TemplateError{.line = 1,
                      .column = 1,
                      .message = fmt::format("the template has {} bytes, more than {}", text.size(),
                                             kTemplateBytesMax)});
  }
  auto tree = std::make_unique<Tree>();
  tree->text = tree->arena.copy(text);
  tree->line_starts.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') tree->line_starts.push_back(static_cast<std::uint32_t>(i + 1));
  }
  std::vector<Token> tokens = lex(tree->text, tree->arena);
  control_whitespace(tokens, options.ignore_standalone);
  if (auto error = Parser(*tree, std::move(tokens)).run()) {
    return tl::unexpected<TemplateError>(*std::move(error));
  }
  return tree;
}

}  // namespace weir::handlebars
