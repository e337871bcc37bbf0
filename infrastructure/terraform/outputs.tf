output "init" {
  description = "The command that writes the configuration."
  value = join(" ", concat(
    ["panka init --region ${data.aws_region.current.name} --bucket ${aws_s3_bucket.states.bucket}"],
    [for table in aws_dynamodb_table.locks : "--table ${table.name}"],
  ))
}

output "region" {
  description = "aws.region of the configuration."
  value       = data.aws_region.current.name
}

output "bucket" {
  description = "backend.bucket of the configuration."
  value       = aws_s3_bucket.states.bucket
}

output "table" {
  description = "locks.table of the configuration; null where the locks are objects of the bucket."
  value       = one(aws_dynamodb_table.locks[*].name)
}

output "policies" {
  description = "ARNs of the policies, by role: deploy, plan."
  value       = { for role, policy in aws_iam_policy.panka : role => policy.arn }
}

output "roles" {
  description = "ARNs of the roles: deploy, plan. Empty where nobody is trusted."
  value       = { for role, one in aws_iam_role.panka : role => one.arn }
}

data "aws_region" "current" {}
