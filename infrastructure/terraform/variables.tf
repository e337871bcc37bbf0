variable "bucket" {
  description = "Name of the bucket of the states."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket's name has 3 to 63 characters of a-z, 0-9, hyphens and dots, and begins and ends with a letter or a digit."
  }
}

variable "prefix" {
  description = "What stands before every key, as in backend.prefix: `team/` and `team` are different."
  type        = string
  default     = ""

  validation {
    condition     = length(var.prefix) <= 512 && !startswith(var.prefix, "/")
    error_message = "A prefix has at most 512 characters and does not begin with a slash."
  }
}

variable "table" {
  description = "Name of the DynamoDB table of the locks. Null: the locks are objects of the bucket."
  type        = string
  default     = null

  validation {
    condition     = var.table == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.table))
    error_message = "A table's name has 3 to 255 letters, digits, underscores, hyphens and dots."
  }
}

variable "kms_key" {
  description = "ARN of the KMS key that encrypts the states. Null: AES256, with keys of S3."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key))
    error_message = "A KMS key is named by its ARN: arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "name" {
  description = "What the names of policies and roles begin with: NAME-deploy, NAME-plan. Null: the bucket's name."
  type        = string
  default     = null

  validation {
    condition     = var.name == null || can(regex("^[A-Za-z0-9+=,.@_-]{1,57}$", var.name))
    error_message = "A name has 1 to 57 letters, digits and characters of +=,.@_-, since roles have names of at most 64."
  }
}

variable "github" {
  description = "Repository of GitHub whose workflows may take the roles: OWNER/REPO, or OWNER/REPO:ENVIRONMENT for the deploy role in that environment alone."
  type        = string
  default     = null

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+(:[^:*?]+)?$", var.github))
    error_message = "A repository is written OWNER/REPO or OWNER/REPO:ENVIRONMENT."
  }
}

variable "gitlab" {
  description = "Project of GitLab whose pipelines may take the roles: GROUP/PROJECT, or GROUP/PROJECT:BRANCH for the deploy role on that branch alone."
  type        = string
  default     = null

  validation {
    condition     = var.gitlab == null || can(regex("^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+(:[^:*?]+)?$", var.gitlab))
    error_message = "A project is written GROUP/PROJECT or GROUP/PROJECT:BRANCH."
  }
}

variable "gitlab_host" {
  description = "Host of GitLab."
  type        = string
  default     = "gitlab.com"
}

variable "trusted_account" {
  description = "Account whose principals may take the roles, as far as that account allows them to."
  type        = string
  default     = null

  validation {
    condition     = var.trusted_account == null || can(regex("^[0-9]{12}$", var.trusted_account))
    error_message = "An account is a number of 12 digits."
  }
}

variable "create_oidc_provider" {
  description = "Make the OIDC provider of GitHub or GitLab. An account has one for each host: false where it is there already."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}
