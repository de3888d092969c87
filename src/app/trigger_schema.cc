#include "app/trigger_schema.h"

namespace weir::app {
namespace {

constexpr std::string_view kPublished = R"json({
  "$schema": "https://json-schema.org/draft/2019-09/schema",
  "title": "Triggers",
  "description": "Webhooks that are sent after each committed transaction of a materialization.",
  "type": "object",
  "required": ["config"],
  "additionalProperties": false,
  "properties": {
    "interval": {
      "title": "Interval",
      "description": "Least time between two deliveries. Where it is absent, every transaction is delivered.",
      "type": ["string", "null"],
      "pattern": "^\\d+(s|m|h|d)$"
    },
    "config": {
      "title": "Triggers",
      "description": "One webhook each.",
      "type": "array",
      "items": {"$ref": "#/$defs/TriggerConfig"}
    }
  },
  "$defs": {
    "HttpMethod": {
      "description": "Method of the request.",
      "type": "string",
      "enum": ["POST", "PUT", "PATCH"]
    },
    "TriggerConfig": {
      "description": "A webhook.",
      "type": "object",
      "required": ["url", "payloadTemplate"],
      "additionalProperties": false,
      "properties": {
        "url": {"title": "URL", "type": "string"},
        "method": {"title": "Method", "$ref": "#/$defs/HttpMethod", "default": "POST"},
        "headers": {
          "title": "Headers",
          "type": "object",
          "additionalProperties": {"type": "string", "secret": true}
        },
        "payloadTemplate": {"title": "Payload template", "type": "string"},
        "timeout": {
          "title": "Timeout",
          "description": "Longest time of one attempt. The task fails once all attempts are used up.",
          "type": ["string", "null"],
          "pattern": "^\\d+(s|m|h|d)$",
          "default": "30s"
        },
        "maxAttempts": {
          "title": "Attempts",
          "description": "Attempts in all, the first included. The task fails once all are used up.",
          "type": "integer",
          "format": "uint32",
          "minimum": 0,
          "default": 3
        }
      }
    }
  }
}
)json";

constexpr std::string_view kOurs = R"json({
  "$schema": "https://json-schema.org/draft/2019-09/schema",
  "title": "Triggers",
  "description": "Webhooks that are sent after committed transactions of a materialization.",
  "type": "object",
  "required": ["config"],
  "additionalProperties": false,
  "properties": {
    "interval": {
      "title": "Interval",
      "description": "Least time between two deliveries of a trigger. Where it is absent, every transaction is delivered.",
      "$ref": "#/$defs/Duration"
    },
    "config": {
      "title": "Triggers",
      "description": "One webhook each.",
      "type": "array",
      "items": {"$ref": "#/$defs/TriggerConfig"}
    }
  },
  "$defs": {
    "Duration": {
      "description": "Numbers with units, summed: 30s, 1h 30m, 500ms.",
      "type": ["string", "null"],
      "pattern": "^\\s*\\d+\\s*[A-Za-z]+(\\s*\\d+\\s*[A-Za-z]+)*\\s*$"
    },
    "HttpMethod": {
      "description": "Method of the request.",
      "type": "string",
      "enum": ["POST", "PUT", "PATCH"]
    },
    "TriggerConfig": {
      "description": "A webhook.",
      "type": "object",
      "required": ["url", "payloadTemplate"],
      "additionalProperties": false,
      "properties": {
        "name": {
          "title": "Name",
          "description": "What the trigger is known by; without one, its method and URL.",
          "type": "string",
          "minLength": 1
        },
        "enabled": {
          "title": "Enabled",
          "description": "false keeps what the trigger owes and sends it once it is enabled again.",
          "type": "boolean",
          "default": true
        },
        "url": {
          "title": "URL",
          "description": "May hold ${env:NAME} and ${file:PATH}.",
          "type": "string"
        },
        "method": {"title": "Method", "$ref": "#/$defs/HttpMethod", "default": "POST"},
        "headers": {
          "title": "Headers",
          "description": "Values may hold ${env:NAME} and ${file:PATH}.",
          "type": "object",
          "additionalProperties": {"type": "string", "secret": true}
        },
        "payloadTemplate": {
          "title": "Payload template",
          "description": "Handlebars. {{x}} inside quotes, {{json x}} for a value, {{{x}}} as it is.",
          "type": "string"
        },
        "timeout": {
          "title": "Timeout",
          "description": "Longest time of one attempt, from connecting to the end of the answer.",
          "$ref": "#/$defs/Duration",
          "default": "30s"
        },
        "maxAttempts": {
          "title": "Attempts",
          "description": "Attempts in all, the first included; what follows the last says onExhausted. With background delivery there is no limit unless one is written.",
          "type": "integer",
          "format": "uint32",
          "minimum": 0,
          "default": 3
        },
        "delivery": {
          "title": "Delivery",
          "description": "inline: the rows of the next transaction wait for the delivery. background: they do not.",
          "type": "string",
          "enum": ["inline", "background"],
          "default": "inline"
        },
        "onExhausted": {
          "title": "When attempts are used up",
          "description": "failTask (inline only) restarts the task and sends again, park waits for the operator, discard gives up. Default: failTask inline, park in background.",
          "type": "string",
          "enum": ["failTask", "park", "discard"]
        },
        "interval": {
          "title": "Interval",
          "description": "Overrides the shared interval for this trigger.",
          "$ref": "#/$defs/Duration"
        },
        "mergePending": {
          "title": "Merge pending transactions",
          "description": "false sends one request per transaction, up to 64 of which queue up before they merge.",
          "type": "boolean",
          "default": true
        },
        "secrets": {
          "title": "Secrets",
          "description": "Values that the template can use as {{secrets.NAME}} and that are sent nowhere else.",
          "type": "object",
          "additionalProperties": {"type": "string", "secret": true}
        }
      }
    }
  }
}
)json";

}  // namespace

std::string_view published_trigger_schema() {
  return kPublished;
}
std::string_view trigger_schema() {
  return kOurs;
}

}  // namespace weir::app
