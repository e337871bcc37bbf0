# Who may use the bucket and the table: a policy for those who deploy and one for those who plan, and a role for each where somebody is trusted.

locals {
  partition = data.aws_partition.current.partition

  github = var.github == null ? null : {
    repository  = split(":", var.github)[0]
    environment = length(split(":", var.github)) > 1 ? split(":", var.github)[1] : null
  }
  gitlab = var.gitlab == null ? null : {
    project = split(":", var.gitlab)[0]
    branch  = length(split(":", var.gitlab)) > 1 ? split(":", var.gitlab)[1] : null
  }

  # Pull requests and other branches may plan; what they say must not deploy where an environment or a branch is named.
  subjects = {
    github = {
      deploy = local.github == null ? [] : local.github.environment == null ? [
        "repo:${local.github.repository}:ref:*",
        "repo:${local.github.repository}:environment:*",
      ] : ["repo:${local.github.repository}:environment:${local.github.environment}"]
      plan = local.github == null ? [] : ["repo:${local.github.repository}:*"]
    }
    gitlab = {
      deploy = local.gitlab == null ? [] : ["project_path:${local.gitlab.project}:ref_type:branch:ref:${coalesce(local.gitlab.branch, "*")}"]
      plan   = local.gitlab == null ? [] : ["project_path:${local.gitlab.project}:*"]
    }
  }

  hosts = merge(
    var.github == null ? {} : { github = { host = "token.actions.githubusercontent.com", audience = "sts.amazonaws.com" } },
    var.gitlab == null ? {} : { gitlab = { host = var.gitlab_host, audience = "https://${var.gitlab_host}" } },
  )

  providers = {
    for name, one in local.hosts : name => var.create_oidc_provider ? aws_iam_openid_connect_provider.ci[name].arn : data.aws_iam_openid_connect_provider.ci[name].arn
  }

  trusts = {
    for role in ["deploy", "plan"] : role => {
      Version = "2012-10-17"
      Statement = concat(
        [
          for name, one in local.hosts : {
            Effect    = "Allow"
            Action    = "sts:AssumeRoleWithWebIdentity"
            Principal = { Federated = local.providers[name] }
            Condition = {
              StringEquals = { "${one.host}:aud" = one.audience }
              StringLike   = { "${one.host}:sub" = local.subjects[name][role] }
            }
          }
        ],
        [
          for account in var.trusted_account[*] : {
            Effect    = "Allow"
            Action    = "sts:AssumeRole"
            Principal = { AWS = "arn:${local.partition}:iam::${account}:root" }
          }
        ],
      )
    }
  }

  trusted = length(local.hosts) > 0 || var.trusted_account != null
}

resource "aws_iam_openid_connect_provider" "ci" {
  for_each = var.create_oidc_provider ? local.hosts : {}

  url            = "https://${each.value.host}"
  client_id_list = [each.value.audience]
  tags           = var.tags
}

data "aws_iam_openid_connect_provider" "ci" {
  for_each = var.create_oidc_provider ? {} : local.hosts

  url = "https://${each.value.host}"
}

resource "aws_iam_policy" "panka" {
  for_each = local.policies

  name        = "${local.name}-${each.key}"
  description = each.key == "deploy" ? "panka: reads and writes the states and locks of ${local.place}" : "panka: reads the states and locks of ${local.place}"
  policy      = jsonencode(each.value)
  tags        = var.tags
}

resource "aws_iam_role" "panka" {
  for_each = local.trusted ? local.policies : {}

  name               = "${local.name}-${each.key}"
  description        = each.key == "deploy" ? "panka: deploys with the states of ${local.place}" : "panka: plans with the states of ${local.place}"
  assume_role_policy = jsonencode(local.trusts[each.key])
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "panka" {
  for_each = aws_iam_role.panka

  role       = each.value.name
  policy_arn = aws_iam_policy.panka[each.key].arn
}
