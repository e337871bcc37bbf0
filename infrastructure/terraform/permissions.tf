# Generated from the table of permissions: src/setup/permission.rs.

locals {
  actions = {
    deploy = {
      bucket = [
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetLifecycleConfiguration",
        "s3:GetBucketTagging",
      ]
      objects = [
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "s3:DeleteObject",
      ]
      table = [
        "dynamodb:GetItem",
        "dynamodb:Scan",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:ListTagsOfResource",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
      ]
      key = [
        "kms:Decrypt",
        "kms:GenerateDataKey",
      ]
    }
    plan = {
      bucket = [
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetLifecycleConfiguration",
        "s3:GetBucketTagging",
      ]
      objects = [
        "s3:GetObject",
        "s3:GetObjectVersion",
      ]
      table = [
        "dynamodb:GetItem",
        "dynamodb:Scan",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:ListTagsOfResource",
      ]
      key = [
        "kms:Decrypt",
      ]
    }
  }
}
