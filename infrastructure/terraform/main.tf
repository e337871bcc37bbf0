# What `panka backend create` makes: the bucket of the states, the table of the locks, and the roles of those who use them.

data "aws_partition" "current" {}

locals {
  name = coalesce(var.name, var.bucket)

  # Backends may share a bucket: rules, policies and roles name the prefix.
  suffix = var.prefix == "" ? "" : " ${var.prefix}"
  place  = var.prefix == "" ? var.bucket : "${var.bucket}/${var.prefix}"

  bucket_arn  = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}"
  objects_arn = "${local.bucket_arn}/${replace(replace(replace(var.prefix, "$", "$${$}"), "*", "$${*}"), "?", "$${?}")}*"

  # What the actions of permissions.tf are granted on.
  things = [
    { sid = "Bucket", on = "bucket", arn = local.bucket_arn, present = true },
    { sid = "States", on = "objects", arn = local.objects_arn, present = true },
    { sid = "Locks", on = "table", arn = one(aws_dynamodb_table.locks[*].arn), present = var.table != null },
    { sid = "Key", on = "key", arn = var.kms_key, present = var.kms_key != null },
  ]

  policies = {
    for role, actions in local.actions : role => {
      Version = "2012-10-17"
      Statement = [
        for thing in local.things : {
          Sid      = thing.sid
          Effect   = "Allow"
          Action   = actions[thing.on]
          Resource = thing.arn
        } if thing.present
      ]
    }
  }
}

# --- the bucket

resource "aws_s3_bucket" "states" {
  bucket = var.bucket
  tags   = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "states" {
  bucket = aws_s3_bucket.states.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "states" {
  bucket = aws_s3_bucket.states.id

  rule {
    bucket_key_enabled = var.kms_key != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key
    }
  }
}

resource "aws_s3_bucket_public_access_block" "states" {
  bucket                  = aws_s3_bucket.states.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "states" {
  bucket = aws_s3_bucket.states.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "states" {
  bucket = aws_s3_bucket.states.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.states]
}

resource "aws_s3_bucket_lifecycle_configuration" "states" {
  bucket = aws_s3_bucket.states.id

  rule {
    id     = "panka-states${local.suffix}"
    status = "Enabled"

    filter {
      prefix = "${var.prefix}stacks/"
    }

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "panka-locks${local.suffix}"
    status = "Enabled"

    filter {
      prefix = "${var.prefix}locks/"
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "panka-probes${local.suffix}"
    status = "Enabled"

    filter {
      prefix = "${var.prefix}probes/"
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "panka-uploads${local.suffix}"
    status = "Enabled"

    filter {
      prefix = var.prefix
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.states]
}

# --- the table

resource "aws_dynamodb_table" "locks" {
  count = var.table == null ? 0 : 1

  name                        = var.table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "lockKey"
  deletion_protection_enabled = true
  tags                        = var.tags

  attribute {
    name = "lockKey"
    type = "S"
  }

  ttl {
    enabled        = true
    attribute_name = "expiresAt"
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}
