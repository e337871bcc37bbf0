# What jq defines besides the functions of the engine, or defines otherwise than the engine does.
def del(f): delpaths([path(f)]);
def with_entries(f): to_entries | map(f) | from_entries;
def walk(f): def down: if type == "object" then map_values(down) elif type == "array" then map(down) else . end | f; down;
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def pick(f): . as $whole | reduce path(f) as $path (null; setpath($path; $whole | getpath($path)));
def add(f): [f] | add;
def ascii: [.] | implode;
def toarray: if type == "array" then . else [.] end;
def toboolean: if type == "boolean" then . elif . == "true" then true elif . == "false" then false else error("\(tojson) cannot be parsed as a boolean") end;
def transpose: if . == [] then [] else [range([.[] | length] | max) as $column | [.[][$column]]] end;
def in(xs): . as $key | xs | has($key);
def inside(xs): . as $part | xs | contains($part);
def index($part): indices($part)[0];
def rindex($part): indices($part)[-1];
def IN(values): . as $wanted | any(values; . == $wanted);
def IN(source; values): any(source; IN(values));
def INDEX(rows; key): reduce rows as $row ({}; .[$row | key | tostring] = $row);
def INDEX(key): INDEX(.[]; key);
def tostream:
  def events($path):
    if (type == "object" or type == "array") and length > 0
    then (keys_unsorted as $keys | ($keys[] as $key | .[$key] | events($path + [$key])), [$path + [$keys[-1]]])
    else [$path, .] end;
  events([]);
def fromstream(events):
  foreach events as $event ({done: false, value: null};
    (if .done then {done: false, value: null} else . end)
    | if ($event | length) == 2
      then setpath(["value"] + $event[0]; $event[1]) | .done = ($event[0] == [])
      else .done = (($event[0] | length) == 1) end;
    if .done then .value else empty end);
def truncate_stream(events): . as $depth | events | select((.[0] | length) > $depth) | .[0] |= .[$depth:];
def @json: tojson;
