#include "json/write_secret.h"

namespace weir::json {

void append(const Value& value, SecretText& out) {
  switch (value.kind()) {
    case Kind::kNull: out.append("null"); return;
    case Kind::kBool: out.append(value.as_bool() ? "true" : "false"); return;
    case Kind::kNumber: out.append(value.number_text()); return;
    case Kind::kString: out.append_quoted(value.as_string()); return;
    case Kind::kArray:
      out.append('[');
      for (const Value& item : value.items()) {
        if (&item != value.items().data()) out.append(',');
        append(item, out);
      }
      out.append(']');
      return;
    case Kind::kObject:
      out.append('{');
      for (const Member& member : value.members()) {
        if (&member != value.members().data()) out.append(',');
        out.append_quoted(member.name);
        out.append(':');
        append(member.value, out);
      }
      out.append('}');
      return;
  }
}

}  // namespace weir::json
