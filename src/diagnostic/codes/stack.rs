//! Codes that need the whole stack.

codes! {
    P2001 Invalid Error "unknown component in a reference";
    P2002 Invalid Error "unknown service in a reference";
    P2003 Invalid Error "unknown output of a component";
    P2004 Invalid Error "output not offered in this configuration";
    P2005 Invalid Error "reference to a disabled component";
    P2006 Invalid Error "component refers to itself";
    P2007 Invalid Error "bare name absent here but present in another service";
    P2008 Invalid Error "output reference where none is allowed";
    P2009 Invalid Error "output type does not fit the field";
    P2010 Invalid Error "dependency circle";
    P2011 Invalid Error "component of the wrong kind for this field";
    P2012 Invalid Error "access not possible for this pair of kinds";
    P2014 Invalid Error "two resources get one physical name";
    P2015 Invalid Error "stack output refers to nothing";
    P2016 Invalid Error "queue and dead-letter queue differ in type";
    P2018 Invalid Error "`overrides` or `ignoreChanges` names an unknown role";
    P2019 Invalid Error "two resources have one address";
    P2020 Invalid Warning "component is used by nothing and uses nothing";
    P2021 Invalid Error "two resources are one thing to AWS";
}
