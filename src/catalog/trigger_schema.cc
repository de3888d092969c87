#include "catalog/trigger_schema.h"

namespace weir::catalog {
namespace {

constexpr std::string_view kPublished = R"json({
  "$schema": "https://json-schema.org/draft/2019-09/schema",
  "title": "Triggers",
  "description": "HTTP requests that are sent after the materialization has committed a transaction.",
  "type": "object",
  "required": ["config"],
  "properties": {
    "config": {
      "title": "Triggers",
      "description": "The requests to send, each to one receiver.",
      "type": "array",
      "items": {"$ref": "#/$defs/TriggerConfig"}
    },
    "interval": {
      "title": "Interval",
      "description": "The least time between requests. Absent: every transaction sends them.",
      "type": ["string", "null"],
      "pattern": "^\\d+(s|m|h|d)$"
    }
  },
  "additionalProperties": false,
  "$defs": {
    "HttpMethod": {
      "description": "The method of a request.",
      "type": "string",
      "enum": ["POST", "PUT", "PATCH"]
    },
    "TriggerConfig": {
      "description": "One receiver and what it is sent.",
      "type": "object",
      "required": ["url", "payloadTemplate"],
      "properties": {
        "url": {"title": "URL", "type": "string"},
        "method": {"title": "HTTP method", "$ref": "#/$defs/HttpMethod", "default": "POST"},
        "headers": {
          "title": "Headers",
          "type": "object",
          "additionalProperties": {"type": "string", "secret": true}
        },
        "payloadTemplate": {"title": "Payload template", "type": "string"},
        "timeout": {
          "title": "Timeout",
          "description": "The longest time of one attempt. When all attempts have failed, the task fails.",
          "type": ["string", "null"],
          "pattern": "^\\d+(s|m|h|d)$",
          "default": "30s"
        },
        "maxAttempts": {
          "title": "Attempts",
          "description": "How often a request is tried, the first time included. When all have failed, the task fails.",
          "type": "integer",
          "format": "uint32",
          "minimum": 0,
          "default": 3
        }
      },
      "additionalProperties": false
    }
  }
}
)json";

constexpr std::string_view kOwn = R"json({
  "$schema": "https://json-schema.org/draft/2019-09/schema",
  "title": "Triggers",
  "description": "HTTP requests that are sent after the materialization has committed a transaction.",
  "type": "object",
  "required": ["config"],
  "properties": {
    "config": {
      "title": "Triggers",
      "description": "The requests to send, each to one receiver.",
      "type": "array",
      "items": {"$ref": "#/$defs/TriggerConfig"}
    },
    "interval": {
      "title": "Interval",
      "description": "The least time between requests, of every trigger that has none of its own. Absent: every transaction sends them.",
      "$ref": "#/$defs/Duration"
    }
  },
  "additionalProperties": false,
  "$defs": {
    "Duration": {
      "description": "Numbers with units, summed: 30s, 1h 30m, 500ms.",
      "type": ["string", "null"],
      "pattern": "^\\s*\\d+\\s*[A-Za-z]+(\\s*\\d+\\s*[A-Za-z]+)*\\s*$"
    },
    "HttpMethod": {
      "description": "The method of a request.",
      "type": "string",
      "enum": ["POST", "PUT", "PATCH"]
    },
    "TriggerConfig": {
      "description": "One receiver and what it is sent.",
      "type": "object",
      "required": ["url", "payloadTemplate"],
      "properties": {
        "url": {
          "title": "URL",
          "description": "May hold ${env:NAME} and ${file:PATH}; a template may stand in path and query.",
          "type": "string"
        },
        "method": {"title": "HTTP method", "$ref": "#/$defs/HttpMethod", "default": "POST"},
        "headers": {
          "title": "Headers",
          "description": "Values may hold ${env:NAME} and ${file:PATH}.",
          "type": "object",
          "additionalProperties": {"type": "string", "secret": true}
        },
        "payloadTemplate": {
          "title": "Payload template",
          "description": "A Handlebars template that renders JSON: \"{{x}}\" inside quotes, {{json x}} for any value.",
          "type": "string"
        },
        "timeout": {
          "title": "Timeout",
          "description": "The longest time of one attempt, from connecting to the end of the answer.",
          "$ref": "#/$defs/Duration",
          "default": "30s"
        },
        "maxAttempts": {
          "title": "Attempts",
          "description": "How often a request is tried, the first time included; what follows the last says onExhausted. In background without limit unless written.",
          "type": "integer",
          "format": "uint32",
          "minimum": 0,
          "default": 3
        },
        "name": {
          "title": "Name",
          "description": "What the trigger is known by. Absent: its method and URL.",
          "type": "string",
          "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
        },
        "enabled": {
          "title": "Enabled",
          "description": "A disabled trigger keeps what it owes and sends it when it is enabled again.",
          "type": "boolean",
          "default": true
        },
        "delivery": {
          "title": "Delivery",
          "description": "inline: the next transaction's rows wait for the receiver. background: they do not.",
          "type": "string",
          "enum": ["inline", "background"],
          "default": "inline"
        },
        "onExhausted": {
          "title": "When all attempts have failed",
          "description": "failTask: the task fails and starts again, inline only. park: the request waits for an operator. discard: it is dropped. Absent: failTask inline, park in background.",
          "type": "string",
          "enum": ["failTask", "park", "discard"]
        },
        "interval": {
          "title": "Interval",
          "description": "The least time between requests of this trigger, instead of that of the block.",
          "$ref": "#/$defs/Duration"
        },
        "mergePending": {
          "title": "Merge what is pending",
          "description": "false: one request per transaction, up to 64 of which queue up before they merge.",
          "type": "boolean",
          "default": true
        },
        "secrets": {
          "title": "Secrets",
          "description": "Values for the template, as {{secrets.NAME}}. They may hold ${env:NAME} and ${file:PATH}.",
          "type": "object",
          "additionalProperties": {"type": "string", "secret": true}
        }
      },
      "additionalProperties": false,
      "not": {
        "required": ["delivery", "onExhausted"],
        "properties": {
          "delivery": {"const": "background"},
          "onExhausted": {"const": "failTask"}
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
  return kOwn;
}

}  // namespace weir::catalog
