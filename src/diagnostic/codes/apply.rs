//! Codes of plan and apply.

codes! {
    P8001 Stale Error "plan is stale";
    P8002 Invalid Error "kept step needs a step that was dropped";
    P8003 Incomplete Error "step is blocked";
    P8004 Failure Error "not approved";
    P8005 Interrupted Error "interrupted";
    P8006 Incomplete Error "step is pending";
    P8007 Invalid Error "plan is not consistent";
    P8008 Incomplete Error "run is incomplete";
    P8009 Invalid Warning "delete and create look like a rename";
    P8010 Invalid Error "protected resources block the plan";
    P8011 Invalid Warning "steps left out of the plan";
    P8012 Usage Error "step outside of the service";
    P8013 Failure Error "plan deletes a large share of what exists";
    P8014 Incomplete Error "last snapshot was not made";
}
