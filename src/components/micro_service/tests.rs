use serde_json::{Value, json};

use crate::components::tests::{addresses, checked, codes, components, findings, get, manifest};
use crate::components::translate;

fn service(more: Value) -> Value {
    let mut spec = json!({"image": {"repository": "acme/api", "tag": "v1"}, "ports": [{"name": "http", "port": 8080}]});
    let Value::Object(more) = more else { panic!("not a map: {more}") };
    spec.as_object_mut().unwrap().extend(more);
    spec
}

/// Codes and pointers of what is wrong with a service.
fn faults(spec: Value) -> Vec<(String, String)> {
    let mut document = components(&[("shop/api", "MicroService", spec)]);
    document["network"] = json!({"spec": {"existing": {"vpcId": "vpc-1", "publicSubnetIds": ["subnet-1", "subnet-2"]}}});
    match translate(&manifest(document)) {
        Ok(translated) => panic!("nothing is wrong with {:?}", addresses(&translated)),
        Err(error) => error
            .findings()
            .iter()
            .map(|finding| {
                let subject = finding.subject.as_deref().unwrap_or_default();
                (finding.code.name().to_owned(), subject.split_once(':').map_or("", |(_, pointer)| pointer).to_owned())
            })
            .collect(),
    }
}

fn fault(spec: Value) -> (String, String) {
    let mut faults = faults(spec);
    assert!(!faults.is_empty());
    faults.remove(0)
}

fn container(spec: Value) -> Value {
    get(&checked(&[("shop/api", "MicroService", spec)]), "shop/api/task-definition").properties["ContainerDefinitions"][0].clone()
}

#[test]
fn a_service_alone_has_a_task_and_nothing_in_front() {
    let translated = checked(&[("shop/api", "MicroService", json!({"image": {"repository": "acme/api", "tag": "v1"}}))]);
    let own: Vec<&str> = addresses(&translated).into_iter().filter_map(|address| address.strip_prefix("shop/api/")).collect();
    assert_eq!(own, ["execution-role", "log-group", "security-group", "service", "task-definition", "task-role"]);
    assert_eq!(get(&translated, "shop/api/log-group").properties["LogGroupName"], "/panka/shop/dev/shop/api");
}

#[test]
fn an_image_is_named_by_tag_or_by_digest() {
    assert_eq!(container(service(json!({})))["Image"], "acme/api:v1");
    let digest = format!("sha256:{}", "0".repeat(64));
    assert_eq!(container(service(json!({"image": {"repository": "acme/api", "tag": digest}})))["Image"], format!("acme/api@{digest}"));
}

#[test]
fn an_image_of_ecr_may_be_pulled_and_no_other() {
    let spec = service(json!({"image": {"repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/api", "tag": "v1"}}));
    let translated = checked(&[("shop/api", "MicroService", spec)]);
    let statements = &get(&translated, "shop/api/execution-role").properties["Policies"][0]["PolicyDocument"]["Statement"];
    assert_eq!(statements[0]["Sid"], "PullImage");
    assert_eq!(
        statements[0]["Resource"],
        json!({"$join": ["arn:", {"$aws": "partition"}, ":ecr:eu-west-1:123456789012:repository/team/api"]})
    );
    assert_eq!((&statements[1]["Action"], &statements[1]["Resource"]), (&json!("ecr:GetAuthorizationToken"), &json!("*")));
}

#[test]
fn every_field_of_a_container_arrives() {
    let container = container(service(json!({
        "command": ["/bin/api"], "args": ["--port", "8080"], "user": "1000:1000", "workingDir": "/srv", "stopTimeoutSeconds": 90,
        "enableExec": true, "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        "secrets": [{"name": "TOKEN", "secretRef": "ssm:/prod/token"}, {"name": "key", "secretRef": "prod/api", "key": "k", "envVar": "KEY"}],
        "healthCheck": {"liveness": {"exec": {"command": ["/bin/check"]}}},
        "storage": {"volumes": [{"name": "tmp", "mountPath": "/tmp", "type": "emptyDir", "readOnly": false}]}
    })));
    assert_eq!((&container["EntryPoint"], &container["Command"]), (&json!(["/bin/api"]), &json!(["--port", "8080"])));
    assert_eq!(
        (&container["User"], &container["WorkingDirectory"], &container["StopTimeout"]),
        (&json!("1000:1000"), &json!("/srv"), &json!(90))
    );
    assert_eq!(container["LinuxParameters"], json!({"InitProcessEnabled": true}));
    assert_eq!(container["Environment"], json!([{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}]));
    assert_eq!(container["HealthCheck"]["Command"], json!(["CMD", "/bin/check"]));
    assert_eq!(container["MountPoints"], json!([{"ContainerPath": "/tmp", "ReadOnly": false, "SourceVolume": "tmp"}]));
    let arn = |service: &str, rest: &str| json!({"$join": ["arn:", {"$aws": "partition"}, format!(":{service}:"), {"$aws": "region"}, ":", {"$aws": "account"}, format!(":{rest}")]});
    assert_eq!(
        container["Secrets"],
        json!([
            {"Name": "KEY", "ValueFrom": arn("secretsmanager", "secret:prod/api:k::")},
            {"Name": "TOKEN", "ValueFrom": arn("ssm", "parameter/prod/token")}
        ])
    );
}

#[test]
fn configuration_files_are_written_before_the_service_starts() {
    let mut document = components(&[("shop/api", "MicroService", service(json!({"configs": {"mountPath": "/etc/api"}})))]);
    document["components"][0]["files"] = json!({
        "configs/app.yaml": {"path": "x/configs/app.yaml", "sha256": "0", "size": 5, "text": "a: 1\n"},
        "configs/it's/b": {"path": "x/configs/it's/b", "sha256": "0", "size": 1, "text": "b"}
    });
    let translated = translate(&manifest(document)).unwrap();
    let definition = &get(&translated, "shop/api/task-definition").properties;
    let (main, init) = (&definition["ContainerDefinitions"][0], &definition["ContainerDefinitions"][1]);
    assert_eq!(main["DependsOn"], json!([{"Condition": "SUCCESS", "ContainerName": "panka-configs"}]));
    assert_eq!(main["MountPoints"][0]["ReadOnly"], true);
    assert_eq!(
        init["Command"][2],
        "set -e; mkdir -p /etc/api; printf %s \"$PANKA_CONFIG_0\" > /etc/api/app.yaml; \
         mkdir -p '/etc/api/it'\\''s'; printf %s \"$PANKA_CONFIG_1\" > '/etc/api/it'\\''s/b'"
    );
    assert_eq!(init["Environment"][0], json!({"Name": "PANKA_CONFIG_0", "Value": "a: 1\n"}));
    assert_eq!(definition["Volumes"], json!([{"Name": "panka-configs"}]));
}

#[test]
fn spot_capacity_is_a_strategy_and_not_a_launch_type() {
    let translated =
        checked(&[("shop/api", "MicroService", service(json!({"runtime": {"platform": "fargate-spot", "architecture": "arm64"}})))]);
    let service = &get(&translated, "shop/api/service").properties;
    assert_eq!(service["CapacityProviderStrategy"], json!([{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]));
    assert!(!service.contains_key("LaunchType"));
    assert_eq!(get(&translated, "shop/api/task-definition").properties["RuntimePlatform"]["CpuArchitecture"], "ARM64");
}

#[test]
fn a_present_network_and_cluster_are_used_as_they_are() {
    let mut document = components(&[("shop/api", "MicroService", service(json!({"networking": {"loadBalancer": {"enabled": true}}})))]);
    let existing = json!({"vpcId": "vpc-1", "publicSubnetIds": ["subnet-1", "subnet-2"], "privateSubnetIds": ["subnet-3"]});
    document["network"] = json!({"spec": {"existing": existing}});
    document["cluster"] = json!({"spec": {"existing": "arn:aws:ecs:us-east-1:123456789012:cluster/main"}});
    let translated = translate(&manifest(document)).unwrap();
    assert!(!addresses(&translated).iter().any(|address| address.starts_with("_stack/")));
    let service = &get(&translated, "shop/api/service").properties;
    assert_eq!(service["Cluster"], "arn:aws:ecs:us-east-1:123456789012:cluster/main");
    assert_eq!(service["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"], json!(["subnet-3"]));
    assert_eq!(get(&translated, "shop/api/load-balancer").properties["Subnets"], json!(["subnet-1", "subnet-2"]));
}

#[test]
fn a_port_that_is_probed_alone_is_let_in() {
    let probed = |port: u16| {
        service(json!({"healthCheck": {"readiness": {"http": {"port": port}}}, "networking": {"loadBalancer": {"enabled": true}}}))
    };
    let translated = checked(&[("shop/api", "MicroService", probed(9000))]);
    let rule = &get(&translated, "shop/api/ingress.load-balancer.health").properties;
    assert_eq!((&rule["IpProtocol"], &rule["FromPort"], &rule["ToPort"]), (&json!("tcp"), &json!(9000), &json!(9000)));
    let translated = checked(&[("shop/api", "MicroService", probed(8080))]);
    assert!(!addresses(&translated).contains(&"shop/api/ingress.load-balancer.health"), "the target port is let in already");
}

#[test]
fn datagrams_need_a_probe_of_their_own_and_take_no_tls() {
    let dns = |more: Value, balancer: Value| {
        let mut spec = json!({"image": {"repository": "acme/dns", "tag": "v1"},
            "ports": [{"name": "dns", "port": 53, "protocol": "udp"}, {"name": "log", "port": 54, "protocol": "udp"}],
            "networking": {"loadBalancer": {"enabled": true, "type": "network", "internal": true}}});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        spec["networking"]["loadBalancer"].as_object_mut().unwrap().extend(balancer.as_object().unwrap().clone());
        findings(&[("shop/dns", "MicroService", spec)])
    };
    let code = |code: &'static str, pointer: &str| vec![(code, pointer.to_owned())];
    assert_eq!(dns(json!({}), json!({})), code("P1018", "/networking/loadBalancer"));
    assert_eq!(dns(json!({"healthCheck": {"readiness": {"tcp": {}}}}), json!({})), code("P1018", "/healthCheck/readiness"));
    assert_eq!(dns(json!({"healthCheck": {"readiness": {"tcp": {"port": 54}}}}), json!({})), code("P1013", "/healthCheck/readiness"));
    let certificate = json!({"certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"});
    let readiness = json!({"healthCheck": {"readiness": {"tcp": {"port": 80}}}});
    assert_eq!(dns(readiness, certificate), code("P1017", "/networking/loadBalancer/certificateArn"));
}

#[test]
fn tasks_in_private_subnets_need_a_way_to_their_image_and_logs() {
    let found = |image: &str, network: Value| {
        let spec = json!({"image": {"repository": image, "tag": "v1"}, "ports": [{"name": "http", "port": 8080}], "networking": {"subnets": "private"}});
        let mut document = components(&[("shop/api", "MicroService", spec)]);
        document["network"] = json!({"spec": {"create": network}});
        codes(translate(&manifest(document)))
    };
    let ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com/api";
    assert_eq!(found(ecr, json!({})), ["P3027"]);
    assert_eq!(found(ecr, json!({"endpoints": ["ecr.api", "ecr.dkr", "s3"]})), ["P3027"], "logs are missing");
    assert_eq!(found(ecr, json!({"endpoints": ["ecr.api", "ecr.dkr", "s3", "logs"]})), [""; 0]);
    assert_eq!(
        found("acme/api", json!({"endpoints": ["ecr.api", "ecr.dkr", "s3", "logs"]})),
        ["P3027"],
        "no endpoint leads to a public registry"
    );
    assert_eq!(found("acme/api", json!({"natGateways": "single"})), [""; 0]);
}

#[test]
fn what_a_service_is_called_does_not_hang_on_who_uses_it() {
    let api = || service(json!({"networking": {"loadBalancer": {"enabled": true}}}));
    let user = |output: &str| json!({"image": {"repository": "acme/web", "tag": "v1"}, "environment": [{"name": "A", "value": {"$output": output}}]});
    for output in ["api.port", "api.endpoint"] {
        let translated = checked(&[("shop/api", "MicroService", api()), ("shop/web", "Worker", user(output))]);
        assert_eq!(translated.outputs["shop/api.endpoint"], "api.shop.shop-dev.internal", "{output}");
    }
    let mut document = components(&[("shop/api", "MicroService", api())]);
    document["outputs"] = json!({"host": {"value": {"$output": "shop/api.endpoint"}, "source": "stack.yaml:9:3"}});
    let translated = translate(&manifest(document)).unwrap();
    assert_eq!(translated.outputs["_stack.host"], translated.outputs["shop/api.endpoint"]);
    let alone = service(json!({"networking": {"loadBalancer": {"enabled": true}}, "serviceDiscovery": {"enabled": false}}));
    let translated = checked(&[("shop/api", "MicroService", alone)]);
    assert_eq!(translated.outputs["shop/api.endpoint"], translated.outputs["shop/api.loadBalancerDns"]);
}

#[test]
fn between_fargate_and_spot_a_service_moves_in_place() {
    let strategy = |platform: &str| {
        let translated = checked(&[("shop/api", "MicroService", service(json!({"runtime": {"platform": platform}})))]);
        let service = &get(&translated, "shop/api/service").properties;
        assert!(!service.contains_key("LaunchType"), "{service:?}");
        service["CapacityProviderStrategy"][0]["CapacityProvider"].clone()
    };
    assert_eq!((strategy("fargate"), strategy("fargate-spot")), (json!("FARGATE"), json!("FARGATE_SPOT")));
}

#[test]
fn a_deployment_without_room_is_reported_as_ecs_rounds_it() {
    let found = |replicas: u32, least: u32, most: u32| {
        let deployment = json!({"minHealthyPercent": least, "maxPercent": most});
        findings(&[("shop/api", "MicroService", service(json!({"scaling": {"replicas": replicas}, "deployment": deployment})))])
    };
    let refused = vec![("P1013", "/deployment".to_owned())];
    assert_eq!(found(1, 50, 150), refused, "half a task is a whole one, and a task and a half is one");
    assert_eq!(found(3, 90, 110), refused);
}

#[test]
fn a_network_balancer_carries_udp() {
    let translated = checked(&[(
        "shop/dns",
        "MicroService",
        json!({"image": {"repository": "acme/dns", "tag": "v1"}, "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}],
            "healthCheck": {"readiness": {"tcp": {"port": 8053}}},
            "networking": {"loadBalancer": {"enabled": true, "type": "network", "allowedCIDRs": ["10.0.0.0/8"]}}}),
    )]);
    let listener = &get(&translated, "shop/dns/listener.53").properties;
    assert_eq!((&listener["Port"], &listener["Protocol"]), (&json!(53), &json!("UDP")));
    let group = &get(&translated, "shop/dns/target-group").properties;
    assert_eq!((&group["Protocol"], &group["HealthCheckProtocol"]), (&json!("UDP"), &json!("TCP")));
    assert_eq!(group["HealthCheckPort"], "8053");
    let rule = |role: &str| {
        let rule = &get(&translated, &format!("shop/dns/{role}")).properties;
        (rule["IpProtocol"].clone(), rule["FromPort"].clone(), rule["SourceSecurityGroupId"]["$ref"].clone())
    };
    let balancer = json!("shop/dns/load-balancer-security-group");
    assert_eq!(rule("ingress.load-balancer"), (json!("udp"), json!(53), balancer.clone()));
    assert_eq!(rule("ingress.load-balancer.health"), (json!("tcp"), json!(8053), balancer));
    assert_eq!(
        get(&translated, "shop/dns/load-balancer-security-group").properties["SecurityGroupIngress"],
        json!([{"CidrIp": "10.0.0.0/8", "FromPort": 53, "IpProtocol": "udp", "ToPort": 53}])
    );
    assert_eq!(translated.outputs["shop/dns.url"]["$join"][0], "udp://");
}

#[test]
fn a_host_name_gets_a_record_and_stands_in_the_url() {
    let ingress = json!({"hostname": "api.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ"});
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0000";
    let balancer = json!({"enabled": true, "certificateArn": certificate});
    let translated =
        checked(&[("shop/api", "MicroService", service(json!({"networking": {"loadBalancer": balancer, "ingress": ingress}})))]);
    let record = get(&translated, "shop/api/dns-record");
    assert!(record.nested);
    assert_eq!(record.properties["AliasTarget"]["DNSName"], json!({"$ref": "shop/api/load-balancer", "attribute": "DNSName"}));
    assert_eq!(translated.outputs["shop/api.url"], "https://api.example.com");
    let listener = &get(&translated, "shop/api/listener.443").properties;
    assert_eq!(listener["Certificates"], json!([{"CertificateArn": certificate}]));
    assert_eq!(listener["SslPolicy"], "ELBSecurityPolicy-TLS13-1-2-2021-06");
    let needs = &get(&translated, "shop/api/service").depends_on;
    assert!(needs.iter().any(|address| address.role() == "listener.443"));
}

#[test]
fn scaling_by_requests_names_balancer_and_target_group() {
    let autoscaling = json!({"enabled": true, "minReplicas": 2, "maxReplicas": 5, "targetMemoryPercent": 80, "requestsPerTarget": 100});
    let translated = checked(&[(
        "shop/api",
        "MicroService",
        service(json!({"scaling": {"replicas": 9, "autoscaling": autoscaling}, "networking": {"loadBalancer": {"enabled": true}}})),
    )]);
    assert_eq!(get(&translated, "shop/api/service").properties["DesiredCount"], 5);
    let aim = |role: &str| &get(&translated, role).properties["TargetTrackingScalingPolicyConfiguration"];
    assert_eq!(aim("shop/api/scaling-policy.cpu")["TargetValue"], 70);
    assert_eq!(aim("shop/api/scaling-policy.memory")["TargetValue"], 80);
    assert_eq!(
        aim("shop/api/scaling-policy.requests")["PredefinedMetricSpecification"]["ResourceLabel"],
        json!({"$join": [
            {"$ref": "shop/api/load-balancer", "attribute": "LoadBalancerFullName"}, "/",
            {"$ref": "shop/api/target-group", "attribute": "TargetGroupFullName"}
        ]})
    );
}

#[test]
fn a_port_open_to_everyone_is_a_warning_unless_it_is_the_web_s() {
    let open = |balancer: Value| {
        let spec = service(json!({"networking": {"loadBalancer": balancer}}));
        let translated = translate(&manifest(components(&[("shop/api", "MicroService", spec)]))).unwrap();
        translated.warnings.iter().map(|finding| finding.code.name()).collect::<Vec<_>>()
    };
    assert_eq!(open(json!({"enabled": true, "type": "network"})), ["P3043"]);
    assert_eq!(open(json!({"enabled": true, "type": "network", "internal": true})), Vec::<&str>::new());
    assert_eq!(open(json!({"enabled": true})), Vec::<&str>::new());
}

#[test]
fn what_does_not_fit_together_is_reported_where_it_stands() {
    let code = |code: &str, pointer: &str| (code.to_owned(), pointer.to_owned());
    let balancer = |more: Value| service(json!({"networking": {"loadBalancer": more}}));
    assert_eq!(fault(balancer(json!({"enabled": true, "port": 81}))), code("P1013", "/networking/loadBalancer/port"));
    assert_eq!(fault(balancer(json!({"component": "edge"}))), code("P1015", "/networking/loadBalancer/component"));
    let private = faults(balancer(json!({"enabled": true, "internal": true})));
    assert!(private.contains(&code("P3014", "/networking/loadBalancer")), "{private:?}");
    assert_eq!(
        fault(balancer(json!({"enabled": true, "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/0"}))),
        code("P3012", "/networking/loadBalancer/certificateArn")
    );
    let without_ports = json!({"image": {"repository": "a", "tag": "1"}, "networking": {"loadBalancer": {"enabled": true}}});
    assert_eq!(fault(without_ports), code("P1018", "/networking/loadBalancer/enabled"));
    let probe = |more: Value| service(json!({"healthCheck": {"readiness": more}}));
    assert_eq!(fault(probe(json!({"exec": {"command": ["x"]}}))), code("P1017", "/healthCheck/readiness/exec"));
    assert_eq!(fault(probe(json!({"tcp": {}, "http": {}}))), code("P1017", "/healthCheck/readiness"));
    assert_eq!(fault(service(json!({"scaling": {"autoscaling": {"minReplicas": 5}}}))), code("P1013", "/scaling/autoscaling/minReplicas"));
    assert_eq!(
        fault(service(json!({"scaling": {"autoscaling": {"requestsPerTarget": 5}}}))),
        code("P1018", "/scaling/autoscaling/requestsPerTarget")
    );
    assert_eq!(fault(service(json!({"resources": {"cpu": 256, "memory": 4096}}))), code("P3010", "/resources/memory"));
    assert_eq!(fault(service(json!({"deployment": {"waitForStable": false}}))), code("P1015", "/deployment/waitForStable"));
    assert_eq!(
        fault(service(json!({"secrets": [{"name": "A", "secretRef": "ssm:/a", "key": "k"}]}))),
        code("P1041", "/secrets/0/secretRef")
    );
    assert_eq!(
        fault(service(json!({"secrets": [{"name": "A", "secretRef": "a"}], "environment": [{"name": "A", "value": "1"}]}))),
        code("P1019", "/secrets/0")
    );
    assert_eq!(
        fault(service(json!({"storage": {"volumes": [{"name": "x", "mountPath": "/x", "type": "efs", "source": "files"}]}}))),
        code("P1015", "/storage/volumes/0/type")
    );
    assert_eq!(fault(service(json!({"configs": {"mountPath": "/etc/x"}}))), code("P1013", "/configs"));
    assert_eq!(fault(service(json!({"networking": {"ingress": {"path": "/v1/*"}}}))), code("P1015", "/networking/ingress/path"));
}
